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
