
# certificate NAME: one of the two certificates that Entra trusts now; empty when there is none.
certificate() { jq --raw-output --arg name "$1" '.[$name] // empty' "$work/current.json"; }

check_domain
[ "$state" = Federated ] ||
    die "$domain is Managed: Microsoft trusts no certificate for it. Run the script that federates it. Nothing was changed."
read_federation || die "the federation of $domain could not be read: $(reason). Nothing was changed."
[ "$(jq --raw-output '.issuerUri // empty' "$work/current.json")" = "$issuer" ] ||
    die "$domain is federated with another identity provider than this plan is of. Nothing was changed."
trusted=no
[ "$(certificate signingCertificate)" != "$active" ] || trusted=first
if [ "$step" = stage ] && [ "$trusted" != first ]; then
    die "Microsoft's first certificate is not the one that signs now ($active_thumbprint). Run the swap instead. Nothing was changed."
fi
[ "$(certificate nextSigningCertificate)" != "$active" ] || trusted=second
if [ "$trusted" = no ]; then
    warn "Microsoft does not trust the certificate that signs now ($active_thumbprint): until this script is done, nobody of $domain can sign in"
fi
changes=$(differences "$work/wanted.json")

say "Plan $plan_hash"
say "Tenant $tenant_id, domain $domain, step $step."
if [ -z "$changes" ]; then
    say 'Microsoft trusts the certificates of the plan already. There is nothing to do.'
    exit 0
fi
[ "$step" = stage ] || say "signingCertificate becomes the one that signs now: $active_thumbprint"
say "nextSigningCertificate becomes the one of the next key: $next_thumbprint"
if [ "$what_if" = yes ]; then
    say "What if: Microsoft would trust these certificates for $domain. Nothing was changed."
    exit 0
fi

jq --ascii-output --slurpfile wanted "$work/wanted.json" \
    '. as $old | $wanted[0] | with_entries(.value = $old[.key])' "$work/current.json" > "$work/old.json"
problem=''
if ! write_federation "$work/wanted.json"; then
    problem=$(reason)
elif ! await_federation "$work/wanted.json"; then
    problem="read back different: $left"
fi
if [ -n "$problem" ]; then
    warn "the certificates did not arrive as planned ($problem); the previous ones are being restored"
    if ! write_federation "$work/old.json" || ! await_federation "$work/old.json"; then
        die "$domain could not be given its previous certificates: $(reason). Look at it in the Entra admin center."
    fi
    die "$domain has its previous certificates back. Cause: $problem"
fi
say "Microsoft trusts the certificates of the plan for $domain; both were read back and compared."
if [ "$step" = stage ]; then
    say 'Wait a day before the next key is promoted: not all of Microsoft learns it at once.'
else
    say 'The certificate that signed before is trusted no longer.'
fi
