namespace EnsAdmin.Shared;

/// <summary>The colour families of a status; the word beside the dot may say more.</summary>
public enum StatusKind
{
    Success,
    Failed,
    Retrying,
    Pending,
    Inactive,
    Active,
}
