# Time zones of schedules, against the database of this machine.
test -f /usr/share/zoneinfo/Europe/Berlin || { echo "no time zone database here"; exit 77; }
cat > a.kfp <<'EOF'
pipeline p(n: int = 1) -> int:
    return n

schedule a for p:
    cron     = "@daily"
    timezone = "ZONE"
EOF

good() {
	sed "s|ZONE|$1|" a.kfp > b.kfp
	kfpc check b.kfp
}
bad() {
	sed "s|ZONE|$1|" a.kfp > b.kfp
	status=0
	kfpc check b.kfp 2> err || status=$?
	cat err
	test $status = 1
	grep -q "error E0704: $2" err
}
good UTC
good Europe/Berlin
good America/Argentina/Buenos_Aires
good Etc/GMT+2
bad Europe/berlin "there is no time zone 'Europe/berlin'"
grep -q "did you mean 'Europe/Berlin'" err
kfpc check --fix b.kfp
grep -q '"Europe/Berlin"' b.kfp
bad Europe/Berln "there is no time zone"
grep -q "did you mean 'Europe/Berlin'" err
bad Europe "there is no time zone"
bad tzdata.zi "'timezone' is a name such as"
bad Atlantis/Centre "there is no time zone"
bad "../../../etc/passwd" "'timezone' is a name such as"
bad "" "'timezone' is a name such as"
