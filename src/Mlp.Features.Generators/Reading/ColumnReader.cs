using Microsoft.CodeAnalysis;

namespace Mlp.Features.Generators;

/// <summary>Reads the columns of a declared type.</summary>
internal sealed class ColumnReader(INamedTypeSymbol type, List<Problem> problems)
{
    private const int VectorLengthMax = 1 << 14;

    private static readonly SymbolDisplayFormat NotAnnotated = SymbolDisplayFormat.FullyQualifiedFormat;

    /// <summary>Reads them.</summary>
    /// <param name="areKeys">Whether they are keys, which are never made again from bytes.</param>
    /// <param name="reserved">A name that no column may have.</param>
    public EquatableArray<ColumnModel> Read(bool areKeys, string reserved)
    {
        var columns = new List<ColumnModel>();
        var names = new HashSet<string>(StringComparer.Ordinal) { reserved };
        foreach (var member in Member.Of(type))
        {
            if (!member.IsParameter && member.Property.SetMethod is null && !HasField(member.Property))
            {
                continue;
            }

            if (!areKeys && !member.IsParameter && member.Property.SetMethod is not { DeclaredAccessibility: Accessibility.Public or Accessibility.Internal })
            {
                problems.Add(Problem.At(Problems.NotSettable, member.Property, member.Property.Name));
            }

            if (ReadOne(member) is not { } column)
            {
                continue;
            }

            if (!Names.IsName(column.Name) || !names.Add(column.Name))
            {
                problems.Add(Problem.At(Problems.WrongName, member.Property, column.Name));
            }

            if (areKeys && (column.IsNullable || !column.IsScalar || column.EnumType is not null || column.Categories.Count > 0 || !ElementKinds.IsKey(column.Kind)))
            {
                problems.Add(Problem.At(Problems.WrongKey, member.Property, column.Property, member.Property.Type.ToDisplayString()));
            }

            columns.Add(column);
        }

        if (columns.Count == 0 && problems.Count == 0)
        {
            problems.Add(Problem.At(Problems.NoColumns, type, type.Name));
        }

        return new([.. columns]);
    }

    private bool HasField(IPropertySymbol property) =>
        type.GetMembers().OfType<IFieldSymbol>().Any(f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, property));

    private ColumnModel? ReadOne(Member member)
    {
        var property = member.Property;
        var (clr, isNullable) = Bare(property.Type);
        var name = member.Find(Attributes.Column) is { } named ? named.Word() : Names.OfProperty(property.Name);
        if (clr is INamedTypeSymbol { TypeKind: TypeKind.Enum } enumeration)
        {
            return Enumeration(member, name, isNullable, enumeration);
        }

        var array = clr as IArrayTypeSymbol;
        var element = array is { Rank: 1 } ? array.ElementType : clr;
        if (ElementKinds.Of(element) is not { } kind || (array is not null && element.NullableAnnotation == NullableAnnotation.Annotated))
        {
            problems.Add(Problem.At(Problems.UnsupportedType, property, property.Name, property.Type.ToDisplayString()));
            return null;
        }

        var length = VectorLength(member, array is not null, kind);
        var categories = member.Find(Attributes.Category) is { } declared ? Categories(member, declared, array is null && kind == ElementKind.Text) : [];
        var column = new ColumnModel(property.Name, name, categories.Length > 0 ? ElementKind.Category : kind, length, array is not null && length == 0, isNullable, new(categories), null, default, null);
        return WithDefault(member, column, null);
    }

    // The type without its question mark.
    private static (ITypeSymbol Type, bool IsNullable) Bare(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? (nullable.TypeArguments[0], true)
            : (type, type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated });

    private ColumnModel Enumeration(Member member, string name, bool isNullable, INamedTypeSymbol enumeration)
    {
        var members = enumeration.GetMembers().OfType<IFieldSymbol>().Where(f => f.HasConstantValue).ToArray();
        if (members.Length == 0 || members.Select(m => m.ConstantValue).Distinct().Count() != members.Length || member.Find(Attributes.Category) is not null)
        {
            problems.Add(Problem.At(Problems.WrongCategories, member.Property, member.Property.Name));
        }

        if (member.Find(Attributes.Vector) is not null)
        {
            problems.Add(Problem.At(Problems.WrongVector, member.Property, member.Property.Name));
        }

        EquatableArray<string> names = new([.. members.Select(m => m.Name)]);
        var column = new ColumnModel(member.Property.Name, name, ElementKind.Category, 0, false, isNullable, names, enumeration.ToDisplayString(NotAnnotated), names, null);
        return WithDefault(member, column, enumeration);
    }

    private int VectorLength(Member member, bool isArray, ElementKind kind)
    {
        if (member.Find(Attributes.Vector) is not { } vector)
        {
            return 0;
        }

        var length = vector.ConstructorArguments.Length > 0 && vector.ConstructorArguments[0].Value is int given ? given : 0;
        if (isArray && kind.HasFloat && length is > 0 and <= VectorLengthMax)
        {
            return length;
        }

        problems.Add(Problem.At(Problems.WrongVector, member.Property, member.Property.Name));
        return 0;
    }

    private string[] Categories(Member member, AttributeData declared, bool isText)
    {
        var categories = declared.ConstructorArguments.Length > 0 ? declared.ConstructorArguments[0].Words() : [];
        if (isText && categories.Length > 0 && categories.All(c => c.Length > 0) && categories.Distinct(StringComparer.Ordinal).Count() == categories.Length)
        {
            return categories;
        }

        problems.Add(Problem.At(Problems.WrongCategories, member.Property, member.Property.Name));
        return [];
    }

    private ColumnModel WithDefault(Member member, ColumnModel column, INamedTypeSymbol? enumeration)
    {
        if (member.Find(Attributes.Default) is not { } given)
        {
            return column;
        }

        if (given.ConstructorArguments.Length == 1 && DefaultReader.Read(column, enumeration, given.ConstructorArguments[0]) is { } value)
        {
            return column with { Default = value };
        }

        problems.Add(Problem.At(Problems.WrongDefault, member.Property, member.Property.Name, column.TypeText));
        return column;
    }
}
