using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace PartnerMatch.Evaluation.Inputs;

/// <summary>Reads CSV files with a header; columns that the row type does not have are passed over.</summary>
internal static class CsvFiles
{
    /// <summary>Where the build puts the evaluation's own files.</summary>
    public static string OwnFile(string name) => Path.Combine(AppContext.BaseDirectory, "data", name);

    public static List<T> Read<T>(string path)
    {
        using var reader = new CsvReader(new StreamReader(path), new CsvConfiguration(CultureInfo.InvariantCulture) { TrimOptions = TrimOptions.Trim });
        try
        {
            return [.. reader.GetRecords<T>()];
        }
        catch (CsvHelperException e)
        {
            throw new InvalidDataException($"{path}, row {reader.Parser.Row}: {e.Message}", e);
        }
    }

    public static string[] Split(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
