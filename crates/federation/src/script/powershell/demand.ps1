
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
