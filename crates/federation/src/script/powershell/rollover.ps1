
Connect-Tenant
$found = Get-CheckedDomain
if ($found.authenticationType -cne 'Federated') {
    throw "$Domain is Managed: Microsoft trusts no certificate for it. Run the script that federates it. Nothing was changed."
}
$current = Get-Federation
if ((Get-Value $current 'issuerUri') -cne $IssuerUri) {
    throw "$Domain is federated with another identity provider than this plan is of. Nothing was changed."
}
$isFirst = (Get-Value $current 'signingCertificate') -ceq $ActiveCertificate
$isSecond = (Get-Value $current 'nextSigningCertificate') -ceq $ActiveCertificate
if ($Step -ceq 'stage' -and -not $isFirst) {
    throw "Microsoft's first certificate is not the one that signs now ($ActiveThumbprint). Run the swap instead. Nothing was changed."
}
if (-not $isFirst -and -not $isSecond) {
    Write-Warning "Microsoft does not trust the certificate that signs now ($ActiveThumbprint): until this script is done, nobody of $Domain can sign in."
}
$changes = @(Get-Differences $Wanted $current)

Write-Host "Plan $PlanHash"
Write-Host "Tenant $TenantId, domain $Domain, step $Step."
if ($changes.Count -eq 0) {
    Write-Host 'Microsoft trusts the certificates of the plan already. There is nothing to do.'
    return
}
if ($Step -cne 'stage') {
    Write-Host "signingCertificate becomes the one that signs now: $ActiveThumbprint"
}
Write-Host "nextSigningCertificate becomes the one of the next key: $NextThumbprint"
if ($OnlySay) {
    Write-Host "What if: Microsoft would trust these certificates for $Domain. Nothing was changed."
    return
}
if (-not $PSCmdlet.ShouldProcess("$Domain of tenant $TenantId", 'Change the certificates that Microsoft trusts')) {
    return
}

$old = [ordered]@{}
foreach ($name in $Wanted.Keys) {
    $old[$name] = Get-Value $current $name
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
    Write-Warning "The certificates did not arrive as planned ($problem). The previous ones are being restored."
    Set-Federation $old
    $left = @(Wait-Federation $old)
    if ($left.Count -gt 0) {
        throw "$Domain could not be given its previous certificates. Look at it in the Entra admin center."
    }
    throw "$Domain has its previous certificates back. Cause: $problem"
}
Write-Host "Microsoft trusts the certificates of the plan for $Domain; both were read back and compared."
if ($Step -ceq 'stage') {
    Write-Host 'Wait a day before the next key is promoted: not all of Microsoft learns it at once.'
} else {
    Write-Host 'The certificate that signed before is trusted no longer.'
}
