
check_domain
printf '{"federationConfiguration":null}\n' > "$work/previous.json"
if [ -e "$previous_file" ]; then
    cp "$previous_file" "$work/previous.json"
    jq --exit-status --arg tenant "$tenant_id" --arg domain "$domain" \
        '.tenantId == $tenant and .domain == $domain' "$work/previous.json" > /dev/null 2>&1 ||
        die "$previous_file belongs to another tenant or domain. Nothing was changed."
fi
if [ "$(jq '.federationConfiguration == null' "$work/previous.json")" = true ]; then
    goal='Managed: Microsoft checks the passwords itself'
else
    goal="federated with $(jq --ascii-output '.federationConfiguration.issuerUri' "$work/previous.json")"
fi

say "Plan $plan_hash"
say "Tenant $tenant_id, domain $domain, now $state."
[ -e "$previous_file" ] || say "There is no $previous_file, so the domain becomes Managed."
say "Afterwards: $goal."
if [ "$what_if" = yes ]; then
    say "What if: $domain would become that. Nothing was changed."
    exit 0
fi

restore "$work/previous.json" ||
    die "$domain could not be given its previous state: $(reason). Look at it in the Entra admin center."
[ ! -e "$previous_file" ] || mv -f "$previous_file" "$previous_file.restored"
say "$domain is back: $goal."
say 'Microsoft can take up to two hours until every sign-in follows it. People of a Managed domain need a Microsoft password.'
