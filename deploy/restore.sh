#!/bin/sh
# Fills an empty database from such a file, whole or not at all: DATABASE_URL=postgres://… deploy/restore.sh /backups/portal.dump
set -eu
file=${1:?"Say which file to read."}
: "${DATABASE_URL:?"Set DATABASE_URL."}"
pg_restore --no-owner --no-privileges --exit-on-error --single-transaction --dbname="$DATABASE_URL" "$file"
