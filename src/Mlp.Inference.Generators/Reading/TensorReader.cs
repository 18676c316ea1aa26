using Microsoft.CodeAnalysis;

namespace Mlp.Inference.Generators;

/// <summary>Puts a type's properties together to the tensors whose columns they are.</summary>
internal sealed class TensorReader(INamedTypeSymbol type, List<RowMember> members, string attribute, List<Problem> problems)
{
    private readonly bool _isOutput = attribute == RowAttributes.Output;

    public EquatableArray<RowTensor> Read()
    {
        var whole = type.Find(attribute);
        var groups = new List<(string Name, List<RowMember> Members)>();
        foreach (var member in members)
        {
            if ((member.Find(attribute) ?? whole) is not { } stated)
            {
                continue;
            }

            var name = stated.Name();
            if (name.Length == 0)
            {
                problems.Add(Problem.At(Problems.EmptyName, member.Property, member.Property.Name));
            }

            var found = groups.FindIndex(g => g.Name == name);
            if (found < 0)
            {
                found = groups.Count;
                groups.Add((name, []));
            }

            groups[found].Members.Add(member);
        }

        if (whole is not null && groups.Count == 0)
        {
            problems.Add(Problem.At(Problems.NoColumns, type, type.Name));
        }

        return new([.. groups.Select(g => Tensor(g.Name, g.Members)).OfType<RowTensor>()]);
    }

    private RowTensor? Tensor(string name, List<RowMember> group)
    {
        ElementKind? kind = null;
        var columns = new List<RowColumn>();
        var next = 0;
        var isStated = false;
        foreach (var member in group)
        {
            if (Column(member, name, next, ref isStated, out var element) is not { } column)
            {
                return null;
            }

            kind ??= element;
            if (kind != element)
            {
                problems.Add(Problem.At(Problems.MixedTypes, member.Property, name, kind!.Keyword, element!.Keyword));
            }

            if (columns.Exists(c => c.First == column.First))
            {
                problems.Add(Problem.At(Problems.WrongColumn, member.Property, member.Property.Name, $"{column.First}", name));
            }

            columns.Add(column);
            next = column.First + column.Width;
        }

        CheckFeatures(name, group, columns);
        return new RowTensor(name, kind!, columns.Max(c => c.First + c.Width), !isStated, new([.. columns]));
    }

    private RowColumn? Column(RowMember member, string tensor, int next, ref bool isStated, out ElementKind? kind)
    {
        var property = member.Property;
        var stated = member.Find(attribute);
        kind = ElementKinds.Of(property.Type);
        var width = 1;
        var isBlock = false;
        if (kind is null && (kind = ElementKinds.OfBlock(property.Type)) is not null)
        {
            isBlock = true;
            width = stated?.Number("Width") ?? 0;
            if (width < 1)
            {
                problems.Add(Problem.At(Problems.WidthMissing, property, property.Name));
                return null;
            }
        }

        if (kind is null)
        {
            problems.Add(Problem.At(Problems.UnsupportedType, property, property.Name, property.Type.ToDisplayString(), _isOutput ? "an output" : "an input"));
            return null;
        }

        if (_isOutput && !member.IsParameter && property.SetMethod is not { DeclaredAccessibility: Accessibility.Public or Accessibility.Internal })
        {
            problems.Add(Problem.At(Problems.NotSettable, property, property.Name));
        }

        if (_isOutput && stated?.Number("Column") is { } column)
        {
            isStated = true;
            if (column < 0)
            {
                problems.Add(Problem.At(Problems.WrongColumn, property, property.Name, $"{column}", tensor));
                return null;
            }

            next = column;
        }

        return new RowColumn(property.Name, next, width, isBlock, member.Find(RowAttributes.Feature)?.Name());
    }

    private void CheckFeatures(string tensor, List<RowMember> group, List<RowColumn> columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i].Feature is "")
            {
                problems.Add(Problem.At(Problems.EmptyName, group[i].Property, columns[i].Property));
            }
            else if (columns[i].Feature is null && columns.Exists(c => c.Feature is not null))
            {
                problems.Add(Problem.At(Problems.MixedFeatures, group[i].Property, columns[i].Property, tensor));
            }
        }
    }
}
