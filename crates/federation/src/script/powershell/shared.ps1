
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
