# Gatehouse: switch off what a tenant demands at sign-in.
# Plan: sha256 3bfc6967f8b5e8b3e6a709d79b516c19de148da6788dc8ae2410daf61f91da90
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
$PlanHash = '3bfc6967f8b5e8b3e6a709d79b516c19de148da6788dc8ae2410daf61f91da90'
$TenantId = '6f5715ec-b46c-4946-97bf-7a50f6c62ad7'
$Environment = 'Global'
$Domain = 'contoso.com'
$Demand = 'per-user-mfa'
$Turn = 'off'
$Permission = 'Policy.ReadWrite.AuthenticationMethod'
$Wanted = [ordered]@{
    'perUserMfaState' = 'disabled'
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

# Where the switch is: each object with its address and a name for people.
function Get-Switches {
    if ($Demand -ceq 'security-defaults') {
        return ,@([ordered]@{ version = 'v1.0'; path = 'policies/identitySecurityDefaultsEnforcementPolicy'; name = 'security defaults' })
    }
    if ($Demand -ceq 'self-reset') {
        return ,@([ordered]@{ version = 'v1.0'; path = 'policies/authorizationPolicy'; name = 'self-service password reset of administrators' })
    }
    if ($Demand -cne 'per-user-mfa') {
        throw "This script knows no $Demand."
    }
    $switches = @()
    $page = "users?`$filter=endsWith(userPrincipalName,'@$Domain')&`$select=id,userPrincipalName&`$count=true&`$top=999"
    while ($page -ne '') {
        $answer = Invoke-Graph 'GET' $page $null
        foreach ($person in @($answer.value)) {
            $switches += [ordered]@{ version = 'beta'; path = "users/$($person.id)/authentication/requirements"; name = $person.userPrincipalName }
        }
        $next = [string] (Get-Value $answer '@odata.nextLink')
        $page = ''
        if ($next -match '/v1\.0/(.+)$') {
            $page = $Matches[1]
        }
    }
    return ,$switches
}

# The properties of the plan as they are now.
function Read-Switch($Target) {
    $found = Invoke-Graph 'GET' $Target.path $null $Target.version
    $values = [ordered]@{}
    foreach ($name in $Wanted.Keys) {
        $values[$name] = Get-Value $found $name
    }
    return $values
}

function Test-Same($One, $Other) {
    foreach ($name in $Wanted.Keys) {
        if ($One[$name] -cne $Other[$name]) {
            return $false
        }
    }
    return $true
}

# Writes, and reads back until it is so.
function Write-Switch($Target, $Values) {
    Invoke-Graph 'PATCH' $Target.path $Values $Target.version | Out-Null
    for ($try = 0; $try -lt 6; $try++) {
        if ($try -gt 0) {
            Start-Sleep -Seconds 5
        }
        if (Test-Same $Values (Read-Switch $Target)) {
            return
        }
    }
    throw "$($Target.name) was read back different."
}

# Each saved value; goes on past what fails, and gives what is left. Whoever is gone needs nothing.
function Restore-Switches($States) {
    foreach ($state in $States) {
        try {
            Write-Switch $state $state.values
        } catch {
            if ("$_" -match 'ResourceNotFound') {
                Write-Host "  $($state.name) is gone: there is nothing to give back."
            } else {
                Write-Warning "$($state.name): $_"
                $state
            }
        }
    }
}

# The saved values of an object, in the order of the plan.
function Get-Saved($Target) {
    $values = [ordered]@{}
    foreach ($name in $Wanted.Keys) {
        $values[$name] = Get-Value $Target.values $name
    }
    return $values
}

if ($PreviousFile -like "*gatehouse-previous-$Domain.json") {
    $PreviousFile = Join-Path -Path (Get-Location).ProviderPath -ChildPath "gatehouse-previous-$Demand-$Domain.json"
}
Connect-Tenant @('Organization.Read.All', 'User.Read.All', 'Policy.Read.All', $Permission)
Confirm-Tenant
$saved = $null
if (Test-Path -LiteralPath $PreviousFile) {
    $saved = ConvertFrom-Json -InputObject (Get-Content -LiteralPath $PreviousFile -Raw)
    if ((Get-Value $saved 'tenantId') -ne $TenantId -or (Get-Value $saved 'demand') -ne $Demand -or (Get-Value $saved 'domain') -ne $Domain) {
        throw "$PreviousFile belongs to another tenant, domain or switch. Nothing was changed."
    }
}
$states = @()
if ($Turn -ceq 'back') {
    if ($null -eq $saved) {
        throw "There is no ${PreviousFile}: nothing says what it was before. Nothing was changed."
    }
    foreach ($item in @($saved.switches)) {
        $states += [ordered]@{ version = $item.version; path = $item.path; name = $item.name; values = (Get-Saved $item) }
    }
} else {
    foreach ($item in (Get-Switches)) {
        $now = Read-Switch $item
        if (-not (Test-Same $Wanted $now)) {
            $item['values'] = $now
            $states += $item
        }
    }
}

Write-Host "Plan $PlanHash"
Write-Host "Tenant $TenantId, domain $Domain, ${Demand}: $Turn."
if ($states.Count -eq 0) {
    Write-Host 'It is so already. There is nothing to do.'
    return
}
foreach ($state in $states) {
    if ($Turn -ceq 'back') {
        Write-Host "  $($state.name): back to $(ConvertTo-AsciiJson $state.values)"
    } else {
        Write-Host "  $($state.name): $(ConvertTo-AsciiJson $state.values) -> $(ConvertTo-AsciiJson $Wanted)"
    }
}
if ($OnlySay) {
    Write-Host 'What if: this would be written. Nothing was changed.'
    return
}
if (-not $PSCmdlet.ShouldProcess("tenant $TenantId", "${Demand}: $Turn")) {
    return
}

if ($Turn -ceq 'back') {
    $left = @(Restore-Switches $states)
    if ($left.Count -gt 0) {
        $all = [ordered]@{ tenantId = $TenantId; demand = $Demand; domain = $Domain; switches = $left }
        Set-Content -LiteralPath $PreviousFile -Value (ConvertTo-AsciiJson $all) -Encoding Ascii
        throw "$($left.Count) could not be given back; all others are as they were. $PreviousFile names those that are left; run this again."
    }
    Move-Item -LiteralPath $PreviousFile -Destination "$PreviousFile.restored" -Force
    Write-Host 'Everything is as it was before; each value was read back and compared.'
    return
}

# What was saved before stays: it is the state from before Gatehouse.
$kept = @()
if ($null -ne $saved) {
    $kept = @($saved.switches)
}
$known = @($kept | ForEach-Object { $_.path })
foreach ($state in $states) {
    if ($known -notcontains $state.path) {
        $kept += $state
    }
}
$all = [ordered]@{ tenantId = $TenantId; demand = $Demand; domain = $Domain; switches = $kept }
Set-Content -LiteralPath $PreviousFile -Value (ConvertTo-AsciiJson $all) -Encoding Ascii
Write-Host "What it was before is saved in $PreviousFile."
try {
    foreach ($state in $states) {
        Write-Switch $state $Wanted
    }
} catch {
    $problem = "$_"
    Write-Warning "Not everything could be written ($problem). What was is being given back."
    $left = @(Restore-Switches $states)
    if ($left.Count -gt 0) {
        throw "$($left.Count) could not be given back. $PreviousFile says what they were; run the script for the way back, or look at them in the Entra admin center."
    }
    throw "Everything is as it was before. Cause: $problem"
}
Write-Host 'It is done; each value was read back and compared. The script for the way back gives it all back.'
