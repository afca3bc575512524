
# Where the switch is: one line for each object with its address and a name for people.
list_switches() {
    case $demand in
        security-defaults)
            printf 'v1.0 policies/identitySecurityDefaultsEnforcementPolicy security defaults\n' > "$work/switches"
            ;;
        self-reset)
            printf 'v1.0 policies/authorizationPolicy self-service password reset of administrators\n' > "$work/switches"
            ;;
        per-user-mfa) list_people ;;
        *) die "this script knows no $demand" ;;
    esac
}

# Everybody of the domain, page by page.
list_people() {
    : > "$work/switches"
    page="users?%24filter=endsWith(userPrincipalName,'%40$domain')&%24select=id,userPrincipalName&%24count=true&%24top=999"
    while [ -n "$page" ]; do
        graph GET "$page"
        is_done || die "the people of $domain could not be read: $(reason). Nothing was changed."
        jq --raw-output '.value[] | "beta users/\(.id)/authentication/requirements \(.userPrincipalName | @json)"' \
            "$work/answer.json" >> "$work/switches"
        next=$(answer '."@odata.nextLink" // empty')
        page=${next#*/v1.0/}
        [ "$page" != "$next" ] || page=''
    done
}

# read_switch VERSION PATH: the properties of the plan as they are now, into switch.json.
read_switch() {
    version=$1
    graph GET "$2"
    version=v1.0
    is_done || return 1
    jq --ascii-output --slurpfile wanted "$work/wanted.json" \
        '. as $now | $wanted[0] | with_entries(.value = $now[.key])' "$work/answer.json" > "$work/switch.json"
}

# write_switch VERSION PATH VALUES: writes, and reads back until it is so.
write_switch() {
    version=$1
    graph PATCH "$2" "$3"
    version=v1.0
    is_done || return 1
    for try in 1 2 3 4 5 6; do
        [ "$try" = 1 ] || sleep "$pause"
        if read_switch "$1" "$2" && jq --exit-status --null-input --slurpfile wanted "$3" \
            --slurpfile found "$work/switch.json" '$wanted[0] == $found[0]' > "$work/same"; then
            return 0
        fi
    done
    return 1
}

# write_one STATES NUMBER VALUES: writes to one of the objects.
write_one() {
    write_switch "$(jq --raw-output ".[$2].version" "$1")" \
        "$(jq --raw-output ".[$2].path" "$1")" "$3"
}

# write_all STATES: the planned value everywhere, up to the first that fails.
write_all() {
    number=0
    count=$(jq 'length' "$1")
    while [ "$number" -lt "$count" ]; do
        write_one "$1" "$number" "$work/wanted.json" || return 1
        number=$((number + 1))
    done
}

# give_back STATES: each saved value; goes on past what fails, which left.json names then. Whoever is
# gone needs nothing.
give_back() {
    number=0
    count=$(jq 'length' "$1")
    printf '[]\n' > "$work/left.json"
    while [ "$number" -lt "$count" ]; do
        jq --ascii-output ".[$number].values" "$1" > "$work/values.json"
        if ! write_one "$1" "$number" "$work/values.json"; then
            name=$(jq --raw-output ".[$number].name" "$1")
            if [ "$status" = 404 ]; then
                say "  $name is gone: there is nothing to give back."
            else
                warn "$name: $(reason)"
                jq --ascii-output --slurpfile all "$1" ". + [\$all[0][$number]]" \
                    "$work/left.json" > "$work/more.json"
                mv "$work/more.json" "$work/left.json"
            fi
        fi
        number=$((number + 1))
    done
    [ "$(jq 'length' "$work/left.json")" = 0 ]
}

[ "$previous_file" != "gatehouse-previous-$domain.json" ] ||
    previous_file="gatehouse-previous-$demand-$domain.json"
check_tenant

if [ -f "$previous_file" ]; then
    [ "$(jq --raw-output '"\(.tenantId) \(.demand) \(.domain)"' "$previous_file")" = "$tenant_id $demand $domain" ] ||
        die "$previous_file belongs to another tenant, domain or switch. Nothing was changed."
elif [ "$turn" = back ]; then
    die "there is no $previous_file: nothing says what it was before. Nothing was changed."
fi
if [ "$turn" = back ]; then
    jq --ascii-output '.switches' "$previous_file" > "$work/states.json"
else
    list_switches
    printf '[]\n' > "$work/states.json"
    while read -r version_of path name; do
        read_switch "$version_of" "$path" ||
            die "$name could not be read: $(reason). Nothing was changed."
        jq --ascii-output --slurpfile wanted "$work/wanted.json" --slurpfile now "$work/switch.json" \
            --arg version "$version_of" --arg path "$path" --arg name "$name" \
            'if $now[0] == $wanted[0] then .
             else . + [{version: $version, path: $path, name: $name, values: $now[0]}] end' \
            "$work/states.json" > "$work/more.json"
        mv "$work/more.json" "$work/states.json"
    done < "$work/switches"
fi

say "Plan $plan_hash"
say "Tenant $tenant_id, domain $domain, $demand: $turn."
if [ "$(jq 'length' "$work/states.json")" = 0 ]; then
    say 'It is so already. There is nothing to do.'
    exit 0
fi
if [ "$turn" = back ]; then
    jq --raw-output '.[] | "  \(.name): back to \(.values | tojson)"' "$work/states.json"
else
    jq --raw-output --slurpfile wanted "$work/wanted.json" \
        '.[] | "  \(.name): \(.values | tojson) -> \($wanted[0] | tojson)"' "$work/states.json"
fi
if [ "$what_if" = yes ]; then
    say 'What if: this would be written. Nothing was changed.'
    exit 0
fi

if [ "$turn" = back ]; then
    if ! give_back "$work/states.json"; then
        jq --ascii-output --slurpfile left "$work/left.json" '.switches = $left[0]' \
            "$previous_file" > "$work/saved.json"
        cp "$work/saved.json" "$previous_file"
        die "$(jq 'length' "$work/left.json") could not be given back; all others are as they were. $previous_file names those that are left; run this again."
    fi
    mv "$previous_file" "$previous_file.restored"
    say 'Everything is as it was before; each value was read back and compared.'
    exit 0
fi

# What was saved before stays: it is the state from before Gatehouse.
if [ -f "$previous_file" ]; then
    jq --ascii-output --slurpfile new "$work/states.json" \
        '[.switches[].path] as $known | .switches += [$new[0][] | select(.path as $it | $known | index($it) | not)]' \
        "$previous_file" > "$work/saved.json"
else
    jq --null-input --ascii-output --arg tenant "$tenant_id" --arg demand "$demand" --arg domain "$domain" \
        --slurpfile states "$work/states.json" \
        '{tenantId: $tenant, demand: $demand, domain: $domain, switches: $states[0]}' > "$work/saved.json"
fi
cp "$work/saved.json" "$previous_file"
say "What it was before is saved in $previous_file."
if ! write_all "$work/states.json"; then
    problem=$(reason)
    warn "not everything could be written ($problem); what was is being given back"
    give_back "$work/states.json" ||
        die "$(jq 'length' "$work/left.json") could not be given back. $previous_file says what they were; run the script for the way back, or look at them in the Entra admin center."
    die "everything is as it was before. Cause: $problem"
fi
say 'It is done; each value was read back and compared. The script for the way back gives it all back.'
