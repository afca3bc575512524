
Connect-Tenant
$found = Get-CheckedDomain
$previous = $null
if (Test-Path -LiteralPath $PreviousFile) {
    $previous = ConvertFrom-Json -InputObject (Get-Content -LiteralPath $PreviousFile -Raw)
    if ((Get-Value $previous 'tenantId') -ne $TenantId -or (Get-Value $previous 'domain') -ne $Domain) {
        throw "$PreviousFile belongs to another tenant or domain. Nothing was changed."
    }
}
$goal = 'Managed: Microsoft checks the passwords itself'
if ($null -ne (Get-Value $previous 'federationConfiguration')) {
    $goal = "federated with $(ConvertTo-AsciiJson $previous.federationConfiguration.issuerUri)"
}

Write-Host "Plan $PlanHash"
Write-Host "Tenant $TenantId, domain $Domain, now $($found.authenticationType)."
if ($null -eq $previous) {
    Write-Host "There is no $PreviousFile, so the domain becomes Managed."
}
Write-Host "Afterwards: $goal."
if ($OnlySay) {
    Write-Host "What if: $Domain would become that. Nothing was changed."
    return
}
if (-not $PSCmdlet.ShouldProcess("$Domain of tenant $TenantId", "Back to $goal")) {
    return
}

Restore-Domain $previous
if ($null -ne $previous) {
    Move-Item -LiteralPath $PreviousFile -Destination "$PreviousFile.restored" -Force
}
Write-Host "$Domain is back: $goal."
Write-Host 'Microsoft can take up to two hours until every sign-in follows it. People of a Managed domain need a Microsoft password.'
