import { acts, each, type Programs } from './row.ts'

/** Clients and tools of databases. What is done in them passes no rule for SQL, and most can open a shell. */
export const DATABASES: Programs = {
  ...each(
    'psql mysql mariadb mycli pgcli litecli sqlcmd sqlplus isql tsql clickhouse clickhouse-client cqlsh mongo mongosh redis-cli valkey-cli keydb-cli influx cypher-shell arangosh couchbase-cli cbq duckdb sqlite3 sqlite rlwrap-sql dbaccess db2 hdbsql bq snowsql usql iredis memcached-tool etcdctl',
    acts(['database', 'shell'], { readsCode: true }),
  ),
  ...each(
    'pg_dump pg_dumpall pg_basebackup pg_receivewal pg_recvlogical mysqldump mariadb-dump mydumper mongodump mongoexport mariabackup xtrabackup mysqlpump mysqlhotcopy',
    acts(['database', 'file-read', 'file-write']),
  ),
  ...each(
    'pg_restore mysqlimport mariadb-import myloader mongorestore mongoimport pgloader createdb dropdb createuser dropuser vacuumdb reindexdb clusterdb pgbench mysqladmin mariadb-admin mysqlcheck mysqlslap mysqlbinlog mariadb-binlog mysqlshow mysql_upgrade',
    acts(['database', 'file-write']),
  ),
  ...each(
    'pg_ctl pg_ctlcluster pg_createcluster pg_dropcluster pg_upgrade pg_resetwal pg_rewind initdb postgres postmaster mysqld mariadbd mysqld_safe mysql_secure_installation mongod redis-server valkey-server pg_waldump pg_controldata',
    acts(['database', 'service']),
  ),
  ...each('pg_isready', {
    effects: ['system-read'],
    takes: '-p -t -U --port --timeout --username',
    options: { '-h --host -d --dbname': { value: 'text', adds: ['network'] } },
  }),
  ...each('pg_lsclusters', { effects: ['system-read'] }),
}
