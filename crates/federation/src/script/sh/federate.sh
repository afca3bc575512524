
# An administrator must be able to sign in while the federation does not work.
check_break_glass() {
    graph GET 'directoryRoles?%24filter=roleTemplateId%20eq%20%2762e90394-69f5-4237-9190-012177145e10%27'
    if is_done; then
        role=$(answer '.value[0].id // empty')
        case $role in
            '' | *[!A-Za-z0-9-]*) status=000 ;;
            *) graph GET "directoryRoles/$role/members" ;;
        esac
    fi
    if ! is_done; then
        warn 'the Global Administrators could not be read; make sure that one of them has an onmicrosoft.com address'
        return 0
    fi
    [ "$(answer '[.value[].userPrincipalName? // "" | select(endswith(".onmicrosoft.com"))] | length')" != 0 ] ||
        die 'no Global Administrator has an onmicrosoft.com address: nobody could undo this when sign-in fails. Make one first. Nothing was changed.'
}

# People without immutable id will not be able to sign in.
count_people_without_id() {
    graph GET "users?%24filter=endsWith(userPrincipalName,%27%40$domain%27)&%24select=userPrincipalName,onPremisesImmutableId&%24count=true&%24top=999"
    if ! is_done; then
        warn 'the people of the domain could not be read, so nobody checked that they have an immutable id'
        return 0
    fi
    without=$(answer '[.value[] | select((.onPremisesImmutableId // "") == "")] | length')
    [ "$without" = 0 ] ||
        warn "$without people of $domain have no immutable id yet and can not sign in until they have one"
}

check_domain
check_break_glass
count_people_without_id
read_federation || die "the federation of $domain could not be read: $(reason). Nothing was changed."
changes=$(differences "$work/wanted.json")

say "Plan $plan_hash"
say "Tenant $tenant_id, domain $domain, now $state."
if [ -z "$changes" ]; then
    say 'The federation is as planned already. There is nothing to do.'
    exit 0
fi
say 'Property by property, what is there and what comes:'
jq --null-input --compact-output --ascii-output --slurpfile wanted "$work/wanted.json" --slurpfile found "$work/current.json" \
    '$wanted[0] | to_entries[] | (($found[0] // {})[.key]) as $now | select($now != .value)
    | {(.key): {now: $now, planned: .value}}'
if [ "$what_if" = yes ]; then
    say "What if: $domain would get this federation. Nothing was changed."
    exit 0
fi

jq --ascii-output --arg tenant "$tenant_id" --arg domain "$domain" --arg state "$state" \
    '{tenantId: $tenant, domain: $domain, authenticationType: $state, federationConfiguration: .}' \
    "$work/current.json" > "$work/previous.json"
if [ -e "$previous_file" ]; then
    say "$previous_file exists and is kept: it holds the state from before Gatehouse."
else
    cp "$work/previous.json" "$previous_file"
    say "The previous state is saved in $previous_file."
fi

problem=''
if ! write_federation "$work/wanted.json"; then
    problem=$(reason)
elif ! await_federation "$work/wanted.json"; then
    problem="read back different: $left"
fi
if [ -n "$problem" ]; then
    warn "the federation did not arrive as planned ($problem); the previous state is being restored"
    restore "$work/previous.json" ||
        die "$domain could not be given its previous state: $(reason). Look at it in the Entra admin center."
    die "$domain has its previous state back. Cause: $problem"
fi
say "$domain is federated as planned; every property was read back and compared."
say 'Microsoft can take up to two hours until every sign-in follows it.'
