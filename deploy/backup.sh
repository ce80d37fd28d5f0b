#!/bin/sh
# Writes the portal's database to a file: DATABASE_URL=postgres://… deploy/backup.sh /backups/portal.dump
# Logins of staff are left out; whoever restores it logs in anew.
set -eu
umask 077
file=${1:?"Say which file to write."}
: "${DATABASE_URL:?"Set DATABASE_URL."}"
pg_dump --format=custom --no-owner --no-privileges --exclude-table-data=django_session \
    --file="$file.part" --dbname="$DATABASE_URL"
pg_restore --list "$file.part" > /dev/null # a file that cannot be read is no backup
mv "$file.part" "$file"
