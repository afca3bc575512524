# Gatehouse: federate a domain of Microsoft 365.
# Plan: sha256 46bae865b1bbc1a2ef42b7e65e178a347e6b074e267094c5c92f7118679f4637
#
# Needs PowerShell 5.1 or 7, and once: Install-Module Microsoft.Graph.Authentication -Scope CurrentUser
# Sign in as Domain Name Administrator, Hybrid Identity Administrator or Global Administrator.
# -WhatIf says what would change, and changes nothing. -Confirm:$false asks nothing.
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    # The file that keeps the previous state of the domain.
    [string] $PreviousFile = ''
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# What the plan says.
$PlanHash = '46bae865b1bbc1a2ef42b7e65e178a347e6b074e267094c5c92f7118679f4637'
$TenantId = '6f5715ec-b46c-4946-97bf-7a50f6c62ad7'
$Environment = 'Global'
$Domain = 'contoso.com'
$Wanted = [ordered]@{
    'displayName' = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('Q29udG9zbw=='))
    'issuerUri' = 'https://sts.contoso.com/d/contoso-com/adfs/services/trust/'
    'passiveSignInUri' = 'https://sts.contoso.com/d/contoso-com/adfs/ls/'
    'activeSignInUri' = $null
    'metadataExchangeUri' = $null
    'signOutUri' = 'https://sts.contoso.com/d/contoso-com/adfs/ls/'
    'signingCertificate' = 'MIIDSDCCAjCgAwIBAgIUCOYMrV+EZr5YuD9RHRfXNpfYqZ8wDQYJKoZIhvcNAQELBQAwLTErMCkGA1UEAwwiR2F0ZWhvdXNlIFRFU1Qga2V5IC0gdHJ1c3RzIG5vYm9keTAeFw0yNjExMjUxNDA0NTFaFw00NjExMjAxNDA0NTFaMC0xKzApBgNVBAMMIkdhdGVob3VzZSBURVNUIGtleSAtIHRydXN0cyBub2JvZHkwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQD4urerkifIq/8ZTZavyUd1jMcy7nYS6FxJ1LWqNZVYUcl8a6HN/jmEs1MiZj6cAWnh1f7mRx+llF8isrNoSDaKEPn1mrIntRPD0ER0uTfIoDdA3F9AdOqR5BhqrnTYoXTcT8kCCxg1Efg2LTYuk7Io4ix5zacTh6NpskatakDS8c4BuKtFPkj9b+GXYVdgzsxDUyD9LObnP4bEIl54dWviAAOFPBORQxluFtic4mOaL18nRck6Wzi2ao81TkbIjgDWSi7HJovYLhxSUWVGDoystZBXvewbIpP9bNyrJuLHbMM4QlIeM0RPlsswPY/DnWjBWdOIRp1OxEzv/oNS1whHAgMBAAGjYDBeMB0GA1UdDgQWBBQAEnxCZsOSseI8UQbwrHBOsD6EFDAfBgNVHSMEGDAWgBQAEnxCZsOSseI8UQbwrHBOsD6EFDAPBgNVHRMBAf8EBTADAQH/MAsGA1UdDwQEAwIHgDANBgkqhkiG9w0BAQsFAAOCAQEAl/E6a/Rkl6w84dqVRgQCffteRWjqOSdKZ5we3KuTtbFgpe35ykdMHmeCrbLB2W4D6rZUVAtwHAyxeYg9RhXsWAYU9Kyu3eiat8RyB4hrrbH1c9VGsuThCPXjEUJSflhVGYe+9Ba2XiNsZJUjY8fkimdm6IFZWv77Oswq4LizfBjV6vPpCTIjX1LJ/yXRZ/pGVadUto88F+ZZ6O4UiSa+3thqxQn9AnRRKlDxovqebNRNzXtEU37/2OYoAxIKAiIHyXwMR8peuHdcoTdXZQFyDg3DfONge//v7DUwKPtfk4wnOKTucIIdLdwAfaCZfmjQtGwAaoII6zuvVOgdyPDTlQ=='
    'nextSigningCertificate' = $null
    'preferredAuthenticationProtocol' = 'wsFed'
    'federatedIdpMfaBehavior' = 'acceptIfMfaDoneByFederatedIdp'
    'promptLoginBehavior' = 'nativeSupport'
    'isSignedAuthenticationRequestRequired' = $false
}

# Reads happen with -WhatIf, too; the one write asks $OnlySay and ShouldProcess first.
$OnlySay = [bool] $WhatIfPreference
$WhatIfPreference = $false
if ($PreviousFile -eq '') {
    $PreviousFile = Join-Path -Path (Get-Location).ProviderPath -ChildPath "gatehouse-previous-$Domain.json"
}

function Connect-Tenant([string[]] $Scopes = @('Domain.ReadWrite.All', 'Domain-InternalFederation.ReadWrite.All', 'Directory.AccessAsUser.All', 'User.Read.All')) {
    if ($null -eq (Get-Module -ListAvailable -Name 'Microsoft.Graph.Authentication')) {
        throw 'Run this first: Install-Module Microsoft.Graph.Authentication -Scope CurrentUser'
    }
    Import-Module -Name 'Microsoft.Graph.Authentication'
    $context = Get-MgContext
    if ($null -eq $context -or $context.TenantId -ne $TenantId) {
        Connect-MgGraph -TenantId $TenantId -Environment $Environment -Scopes $Scopes -ContextScope Process -NoWelcome
    }
}

# ASCII alone arrives unchanged, whatever encoding the request is sent in.
function ConvertTo-AsciiJson($Value) {
    if ($null -eq $Value) {
        return 'null'
    }
    $json = ConvertTo-Json -InputObject $Value -Depth 8 -Compress
    return [regex]::Replace($json, '[^\x20-\x7e]', { param($match) '\u{0:x4}' -f [int][char] $match.Value })
}

function Invoke-Graph([string] $Method, [string] $Path, $Body, [string] $Version = 'v1.0') {
    $request = @{
        Method = $Method
        Uri = "$Version/$Path"
        OutputType = 'Json'
        Headers = @{ 'ConsistencyLevel' = 'eventual' }
    }
    if ($null -ne $Body) {
        $request['Body'] = ConvertTo-AsciiJson $Body
        $request['ContentType'] = 'application/json'
    }
    $answer = Invoke-MgGraphRequest @request
    if ([string]::IsNullOrWhiteSpace($answer)) {
        return $null
    }
    return ConvertFrom-Json -InputObject $answer
}

function Get-Value($Object, [string] $Name) {
    if ($null -eq $Object) {
        return $null
    }
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property) {
        return $null
    }
    return $property.Value
}

# Rules out that somebody is signed in to another tenant.
function Confirm-Tenant {
    $organization = Invoke-Graph 'GET' 'organization?$select=id' $null
    $ids = @($organization.value | ForEach-Object { $_.id })
    if ($ids -notcontains $TenantId) {
        throw "You are signed in to another tenant than $TenantId. Nothing was changed."
    }
}

# The domain, after everything that forbids touching it was ruled out.
function Get-CheckedDomain {
    Confirm-Tenant
    $found = Invoke-Graph 'GET' "domains/$Domain" $null
    if ($found.id -ne $Domain) {
        throw "Microsoft answered for another domain than $Domain. Nothing was changed."
    }
    if ($found.isVerified -ne $true) {
        throw "$Domain is not verified in this tenant. Verify it first. Nothing was changed."
    }
    if ($found.isInitial -eq $true) {
        throw "$Domain is the initial domain of the tenant and can not be federated. Nothing was changed."
    }
    if ($found.isDefault -eq $true) {
        throw "$Domain is the default domain of the tenant. Make another one default first. Nothing was changed."
    }
    if ($found.isRoot -ne $true) {
        throw "$Domain is a subdomain: it follows its root domain. Run the script of the root domain. Nothing was changed."
    }
    return $found
}

# The federation object of the domain; nothing while the domain is Managed.
function Get-Federation {
    $found = Invoke-Graph 'GET' "domains/$Domain" $null
    if ($found.authenticationType -cne 'Federated') {
        return $null
    }
    $answer = Invoke-Graph 'GET' "domains/$Domain/federationConfiguration" $null
    foreach ($federation in @($answer.value)) {
        return $federation
    }
    return $null
}

# The names of the properties that are not as expected.
function Get-Differences($Expected, $Federation) {
    foreach ($name in $Expected.Keys) {
        $found = Get-Value $Federation $name
        if ($Expected[$name] -cne $found) {
            $name
        }
    }
}

# Creates the federation object, or updates the one that exists.
function Set-Federation($Values) {
    $body = [ordered]@{ '@odata.type' = '#microsoft.graph.internalDomainFederation' }
    foreach ($name in $Values.Keys) {
        $body[$name] = $Values[$name]
    }
    $federation = Get-Federation
    if ($null -eq $federation) {
        Invoke-Graph 'POST' "domains/$Domain/federationConfiguration" $body | Out-Null
    } else {
        Invoke-Graph 'PATCH' "domains/$Domain/federationConfiguration/$($federation.id)" $body | Out-Null
    }
}

# Reads the federation object back until it is as expected; gives the names that stay different.
function Wait-Federation($Expected) {
    $left = @('everything')
    for ($try = 0; $try -lt 6 -and $left.Count -gt 0; $try++) {
        if ($try -gt 0) {
            Start-Sleep -Seconds 5
        }
        try {
            $left = @(Get-Differences $Expected (Get-Federation))
        } catch {
            $left = @("it can not be read, $_")
        }
    }
    return $left
}

# The properties of a saved federation object that can be written again.
function Select-Writable($Federation) {
    $values = [ordered]@{}
    foreach ($name in $Wanted.Keys) {
        $value = Get-Value $Federation $name
        $isChoice = $name -eq 'federatedIdpMfaBehavior' -or $name -eq 'promptLoginBehavior'
        if ($name -eq 'isSignedAuthenticationRequestRequired') {
            $values[$name] = $value -eq $true
        } elseif ($null -ne $value -or -not $isChoice) {
            $values[$name] = $value
        }
    }
    $reset = Get-Value $Federation 'passwordResetUri'
    if ($null -ne $reset) {
        $values['passwordResetUri'] = $reset
    }
    return $values
}

# Gives the domain a saved state back; nothing saved means Managed.
function Restore-Domain($Previous) {
    $federation = Get-Value $Previous 'federationConfiguration'
    if ($null -eq $federation) {
        Invoke-Graph 'PATCH' "domains/$Domain" @{ 'authenticationType' = 'Managed' } | Out-Null
        $now = Invoke-Graph 'GET' "domains/$Domain" $null
        if ($now.authenticationType -cne 'Managed') {
            throw "$Domain is not Managed yet. Look at it in the Entra admin center."
        }
        return
    }
    $values = Select-Writable $federation
    Set-Federation $values
    $left = @(Wait-Federation $values)
    if ($left.Count -gt 0) {
        throw "$Domain does not have its previous federation yet; different: $($left -join ', ')."
    }
}

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
