
# An administrator must be able to sign in while the federation does not work.
function Test-BreakGlass {
    $role = "directoryRoles?`$filter=roleTemplateId eq '62e90394-69f5-4237-9190-012177145e10'"
    $names = @()
    try {
        foreach ($found in @((Invoke-Graph 'GET' $role $null).value)) {
            $members = Invoke-Graph 'GET' "directoryRoles/$($found.id)/members" $null
            $names += @($members.value | ForEach-Object { Get-Value $_ 'userPrincipalName' })
        }
    } catch {
        Write-Warning 'The Global Administrators could not be read. Make sure that one of them has an onmicrosoft.com address.'
        return
    }
    if (@($names | Where-Object { $_ -like '*.onmicrosoft.com' }).Count -eq 0) {
        throw 'No Global Administrator has an onmicrosoft.com address: nobody could undo this when sign-in fails. Make one first. Nothing was changed.'
    }
}

# People without immutable id will not be able to sign in.
function Show-PeopleWithoutId {
    $path = "users?`$filter=endsWith(userPrincipalName,'@$Domain')&`$select=userPrincipalName,onPremisesImmutableId&`$count=true&`$top=999"
    try {
        $people = @((Invoke-Graph 'GET' $path $null).value)
    } catch {
        Write-Warning 'The people of the domain could not be read, so nobody checked that they have an immutable id.'
        return
    }
    $without = @($people | Where-Object { [string]::IsNullOrEmpty((Get-Value $_ 'onPremisesImmutableId')) })
    if ($without.Count -gt 0) {
        Write-Warning "$($without.Count) people of $Domain have no immutable id yet and can not sign in until they have one."
    }
}

Connect-Tenant
$found = Get-CheckedDomain
Test-BreakGlass
Show-PeopleWithoutId
$current = Get-Federation
$changes = @(Get-Differences $Wanted $current)

Write-Host "Plan $PlanHash"
Write-Host "Tenant $TenantId, domain $Domain, now $($found.authenticationType)."
if ($changes.Count -eq 0) {
    Write-Host 'The federation is as planned already. There is nothing to do.'
    return
}
foreach ($name in $changes) {
    $before = Get-Value $current $name
    Write-Host "  ${name}: $(ConvertTo-AsciiJson $before) -> $(ConvertTo-AsciiJson $Wanted[$name])"
}
if ($OnlySay) {
    Write-Host "What if: $Domain would get this federation. Nothing was changed."
    return
}
if (-not $PSCmdlet.ShouldProcess("$Domain of tenant $TenantId", 'Federate: everybody of the domain signs in elsewhere from now on')) {
    return
}

$state = [ordered]@{
    tenantId = $TenantId
    domain = $Domain
    authenticationType = $found.authenticationType
    federationConfiguration = $current
}
$saved = ConvertTo-AsciiJson $state
if (Test-Path -LiteralPath $PreviousFile) {
    Write-Host "$PreviousFile exists and is kept: it holds the state from before Gatehouse."
} else {
    Set-Content -LiteralPath $PreviousFile -Value $saved -Encoding Ascii
    Write-Host "The previous state is saved in $PreviousFile."
}

$problem = ''
try {
    Set-Federation $Wanted
    $left = @(Wait-Federation $Wanted)
    if ($left.Count -gt 0) {
        $problem = "read back different: $($left -join ', ')"
    }
} catch {
    $problem = "$_"
}
if ($problem -ne '') {
    Write-Warning "The federation did not arrive as planned ($problem). The previous state is being restored."
    Restore-Domain (ConvertFrom-Json -InputObject $saved)
    throw "$Domain has its previous state back. Cause: $problem"
}
Write-Host "$Domain is federated as planned; every property was read back and compared."
Write-Host 'Microsoft can take up to two hours until every sign-in follows it.'
