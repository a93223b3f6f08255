namespace PartnerMatch.Ranking.Scoring;

/// <summary>What the pair would sign; close to the partnership types of the Enterprise Europe Network.</summary>
public enum CooperationForm
{
    /// <summary>A joint enterprise. The only symmetric form.</summary>
    JointVenture,

    /// <summary>One supplies goods, equipment or services to the other.</summary>
    Supplier,

    /// <summary>One makes parts or products to the other's order: contract manufacturing, subcontracting.</summary>
    Manufacturing,

    /// <summary>One distributes or sells what the other makes.</summary>
    Distribution,

    /// <summary>One brings technology, equipment or engineering to the other's products.</summary>
    TechnicalCooperation,
}

/// <summary>What the asking enterprise is in a directed form.</summary>
public enum PartnerRole
{
    /// <summary>Whichever role scores higher.</summary>
    Any,

    /// <summary>It supplies.</summary>
    Supplier,

    /// <summary>It buys.</summary>
    Buyer,
}

/// <summary>Which way something goes between the asking enterprise and its partner.</summary>
public enum Direction
{
    /// <summary>Both ways alike: joint ventures, symmetric components.</summary>
    Mutual,

    /// <summary>From the asking enterprise to the partner.</summary>
    ToPartner,

    /// <summary>From the partner to the asking enterprise.</summary>
    FromPartner,
}

/// <summary>Facts about the forms themselves.</summary>
public static class CooperationForms
{
    /// <summary>Whether the form has a supplier and a buyer.</summary>
    public static bool IsDirected(this CooperationForm form) => form != CooperationForm.JointVenture;
}
