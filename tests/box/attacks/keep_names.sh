# Leaves names that mean something elsewhere.
: >"$(printf 'a\nb')"; : >-rf; : >'$(id)'; : >"$(printf '\377\376')"; mkdir ...; : >.../x; : >'..a'
exit 0
