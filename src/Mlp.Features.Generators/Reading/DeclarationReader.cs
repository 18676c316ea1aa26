using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Mlp.Features.Generators;

/// <summary>Reads declared keys and rows.</summary>
internal static class DeclarationReader
{
    public static KeyType ReadKey(INamedTypeSymbol type)
    {
        var problems = new List<Problem>();
        var place = PlaceReader.Read(type, problems);
        var name = type.Find("EntityAttribute")!.Word();
        if (!Names.IsName(name))
        {
            problems.Add(Problem.At(Problems.WrongName, type, name));
        }

        PlaceReader.RequireFree(type, problems, "Entity", "KeyColumns", "ToKey", "WriteKey");
        return new KeyType(place, name, new ColumnReader(type, problems).Read(areKeys: true, reserved: ""), new([.. problems]));
    }

    public static RowType ReadRow(INamedTypeSymbol type)
    {
        var problems = new List<Problem>();
        var place = PlaceReader.Read(type, problems);
        var stated = type.Find("FeatureViewAttribute")!;
        var view = stated.Word();
        var source = stated.Named("Source") ?? view;
        var time = stated.Named("TimeColumn") ?? "known_at";
        foreach (var name in new[] { view, source, time }.Distinct().Where(n => !Names.IsName(n)))
        {
            problems.Add(Problem.At(Problems.WrongName, type, name));
        }

        PlaceReader.RequireFree(type, problems, "Row", "Schema", "SchemaDigest", "Source", "View", "ViewOf", "Columns", "ByteCount", "Encode", "Decode", "WriteTo", "ToRow", "FromRow", "ToEvent", "FixedBytes", "FloatCount");
        var columns = new ColumnReader(type, problems).Read(areKeys: false, reserved: time);
        PlaceReader.RequireFree(type, problems, [.. columns.SelectMany(Added)]);
        var entity = Entity(type, stated, columns, time, problems);
        return new RowType(
            place, view, entity, source, time,
            Moment(type, stated, "CreatedColumn", columns, problems),
            Moment(type, stated, "RetractsColumn", columns, problems),
            TimeToLive(type, stated, problems),
            new ForPeople(stated.Named("Owner"), stated.Named("Description"), new(stated.Value("Tags").Words())),
            columns,
            Constructor(type, columns, problems),
            new([.. problems]));
    }

    // What the row in memory has beside the column's property.
    private static IEnumerable<string> Added(ColumnModel column)
    {
        string[] all = [column.IsNullable ? "Has" : "", column.IsVector ? "Set" : "", column.IsVector && column.IsNullable ? "Clear" : "", column.EnumType is null ? "" : "TextOf"];
        return all.Where(word => word.Length > 0).Select(word => word + column.Property);
    }

    private static string Entity(INamedTypeSymbol type, AttributeData stated, EquatableArray<ColumnModel> columns, string time, List<Problem> problems)
    {
        if (stated.AttributeClass?.TypeArguments.FirstOrDefault() is not INamedTypeSymbol entity || entity.Find("EntityAttribute") is null)
        {
            problems.Add(Problem.At(Problems.NoEntity, type, stated.AttributeClass?.TypeArguments.FirstOrDefault()?.ToDisplayString() ?? "nothing"));
            return "";
        }

        // What is wrong with the key is said where it stands.
        foreach (var key in new ColumnReader(entity, []).Read(areKeys: true, reserved: ""))
        {
            if (key.Name == time || columns.Any(c => c.Name == key.Name))
            {
                problems.Add(Problem.At(Problems.WrongName, type, key.Name));
            }
        }

        return entity.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
    }

    // Microseconds may say what a row retracts; when it was written is a moment.
    private static string? Moment(INamedTypeSymbol type, AttributeData stated, string property, EquatableArray<ColumnModel> columns, List<Problem> problems)
    {
        if (stated.Named(property) is not { } name)
        {
            return null;
        }

        if (!columns.Any(c => c.Name == name && c.IsScalar && (c.Kind.Name == "Timestamp" || (c.Kind.Name == "Int64" && property == "RetractsColumn"))))
        {
            problems.Add(Problem.At(Problems.WrongMoment, type, name, property));
        }

        return name;
    }

    private static long TimeToLive(INamedTypeSymbol type, AttributeData stated, List<Problem> problems)
    {
        if (stated.Named("TimeToLive") is not { } text)
        {
            return 0;
        }

        if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) || span <= TimeSpan.Zero)
        {
            problems.Add(Problem.At(Problems.WrongTimeToLive, type, text));
        }

        return span.Ticks;
    }

    private static EquatableArray<string> Constructor(INamedTypeSymbol type, EquatableArray<ColumnModel> columns, List<Problem> problems)
    {
        var taken = Member.PrimaryConstructor(type)?.Parameters.Select(p => p.Name).ToArray() ?? [];
        if (type.IsAbstract || taken.Any(p => !columns.Any(c => c.Property == p)) || (taken.Length == 0 && !type.InstanceConstructors.Any(c => c.Parameters.Length == 0)))
        {
            // A parameter that cannot be a column is reported as that.
            if (problems.Count == 0)
            {
                problems.Add(Problem.At(Problems.NotConstructible, type, type.Name));
            }
        }

        return new(taken);
    }
}
