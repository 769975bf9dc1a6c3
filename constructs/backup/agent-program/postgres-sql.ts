import { shellWord } from "../../../contract/text";

/**
 * What a database holds, one line per fact, in one transaction that stays open: the same for two databases if and only
 * if they hold the same. The order of rows and pages and the numbers of objects don't matter.
 */
const FACTS = `set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'; set extra_float_digits = 1;
set bytea_output = 'hex'; set xmloption = content; set lc_monetary = 'C'; set row_security = off;
set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0; set search_path = '';
begin isolation level repeatable read read only;
select pg_export_snapshot() as snapshot \\gset
\\setenv HOMELAB_SNAPSHOT :snapshot
\\setenv PGDATABASE :DBNAME
\\setenv PGUSER :USER
select 'version ' || current_setting('server_version');
select format('extension %s %s in %s', extname, extversion, extnamespace::regnamespace) from pg_extension order by extname;
select format($q$ select format('table %%s rows %%s hash %%s', %L, count(*), coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)) from only %s r $q$, c.oid::regclass, c.oid::regclass)
  from pg_class c join pg_namespace n on n.oid = relnamespace
 where relkind = 'r' and nspname !~ '^pg_' and nspname <> 'information_schema'
   and (not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
        or exists (select from pg_extension where c.oid = any (extconfig)))
 order by c.oid::regclass::text \\gexec
select format($q$ select format('sequence %%s at %%s called %%s', %L, last_value, is_called) from %s $q$, c.oid::regclass, c.oid::regclass)
  from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'S' and nspname !~ '^pg_' order by c.oid::regclass::text \\gexec
select format('large object %s of %s acl %s comment %s bytes %s hash %s', m.oid, pg_get_userbyid(lomowner), (select string_agg(a::text, ',' order by a::text) from unnest(lomacl) a), obj_description(m.oid, 'pg_largeobject'),
         (select pageno::int8 * 2048 + length(data) from pg_largeobject l where loid = m.oid order by pageno desc limit 1),
         (select coalesce(sum(hashtextextended(pageno || ':' || rtrim(encode(data, 'hex'), '0'), 0)::numeric), 0) from pg_largeobject l where loid = m.oid and length(replace(encode(data, 'hex'), '0', '')) > 0))
  from pg_largeobject_metadata m order by m.oid;
select format('owner %s encoding %s collate %s ctype %s limit %s', pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit) from pg_database where datname = current_database();
select format('grant %s', a) from pg_database, unnest(coalesce(datacl, acldefault('d', datdba))) a where datname = current_database() order by a::text;
select format('setting %s %s', setrole::regrole, s) from pg_db_role_setting, unnest(setconfig) s where setdatabase = (select oid from pg_database where datname = current_database()) order by 1;
select format('comment %s', shobj_description(oid, 'pg_database')) from pg_database where datname = current_database();
`;

/** The roles that a database depends on, with attributes, settings and memberships, and without passwords: SQL that can be run twice. */
const ROLES = `with recursive named as (
  select d.refobjid as oid from pg_shdepend d
   where d.refclassid = 'pg_authid'::regclass
     and (d.dbid = (select oid from pg_database where datname = current_database())
          or d.classid = 'pg_database'::regclass and d.objid = (select oid from pg_database where datname = current_database()))
  union select datdba from pg_database where datname = current_database()
  union select setrole from pg_db_role_setting s join pg_database b on b.oid = s.setdatabase where b.datname = current_database() and setrole <> 0
), closed as (
  select oid from named
  union select case when m.member = c.oid then m.roleid else m.member end from pg_auth_members m join closed c on c.oid in (m.member, m.roleid)
), roles as (
  select r.* from pg_roles r join closed using (oid) where r.rolname !~ '^pg_' and r.oid <> 10
)
select line from (
  select 1 as part, rolname::text as name, format('DO %L;', format('BEGIN CREATE ROLE %I WITH %s CONNECTION LIMIT %s%s;%s EXCEPTION WHEN duplicate_object THEN NULL; END', rolname, concat_ws(' ',
      case when rolsuper then 'SUPERUSER' else 'NOSUPERUSER' end, case when rolinherit then 'INHERIT' else 'NOINHERIT' end,
      case when rolcreaterole then 'CREATEROLE' else 'NOCREATEROLE' end, case when rolcreatedb then 'CREATEDB' else 'NOCREATEDB' end,
      case when rolcanlogin then 'LOGIN' else 'NOLOGIN' end, case when rolreplication then 'REPLICATION' else 'NOREPLICATION' end,
      case when rolbypassrls then 'BYPASSRLS' else 'NOBYPASSRLS' end), rolconnlimit,
      case when rolvaliduntil is null then '' else format(' VALID UNTIL %L', rolvaliduntil) end,
      (select string_agg(format(' ALTER ROLE %I SET %I TO %L;', rolname, split_part(s, '=', 1), substr(s, strpos(s, '=') + 1)), '') from unnest(rolconfig) s))) as line from roles
  union all
  select 2, g.rolname || ' ' || m.rolname, format('GRANT %I TO %I%s;', g.rolname, m.rolname, case when a.admin_option then ' WITH ADMIN OPTION' else '' end)
    from pg_auth_members a join pg_roles g on g.oid = a.roleid join roles m on m.oid = a.member where g.oid in (select oid from closed)
) lines order by part, name;
`;

/** A database beside another, with its encoding and locale. Of `template0`, since somebody may have put things into the usual one. */
const CREATE = `select format('create database %I template template0 owner %I encoding %L lc_collate %L lc_ctype %L', :'new', :'owner', pg_encoding_to_char(encoding), datcollate, datctype)
  from pg_database where datname in (:'db', 'template0') order by datname = :'db' desc limit 1 \\gexec
`;

/**
 * One database takes the name of another, all or nothing. Nobody may connect meanwhile, which is committed at once, so
 * that clients that come back at once don't stop it.
 */
const SWAP_BEGIN = `set statement_timeout = 0;
select exists (select from pg_database where datname = :'db') as present \\gset
select format('alter database %I allow_connections false', datname) from pg_database where datname in (:'db', :'new') \\gexec
select pg_terminate_backend(pid) from pg_stat_activity where datname in (:'db', :'new') and pid <> pg_backend_pid();
begin;
\\if :present
alter database :"db" rename to :"old";
\\endif
alter database :"new" rename to :"db";
`;
const SWAP_END = `alter database :"db" allow_connections true;
commit;
`;

/** The way back from whatever of that was done. */
const BACK = `set statement_timeout = 0;
select exists (select from pg_database where datname = :'old') as exchanged, exists (select from pg_database where datname = :'db') as present \\gset
\\if :exchanged
select format('alter database %I allow_connections false', datname) from pg_database where datname in (:'db', :'old') \\gexec
select pg_terminate_backend(pid) from pg_stat_activity where datname in (:'db', :'old') and pid <> pg_backend_pid();
begin;
\\if :present
alter database :"db" rename to :"new";
\\endif
alter database :"old" rename to :"db";
commit;
\\endif
select format('alter database %I allow_connections true', datname) from pg_database where datname = :'db' \\gexec
`;

/** What is asked of PostgreSQL. */
export const POSTGRES_SQL = `POSTGRES_FACTS=${shellWord(FACTS)}
POSTGRES_ROLES=${shellWord(ROLES)}
POSTGRES_CREATE=${shellWord(CREATE)}
POSTGRES_SWAP_BEGIN=${shellWord(SWAP_BEGIN)}
POSTGRES_SWAP_END=${shellWord(SWAP_END)}
POSTGRES_BACK=${shellWord(BACK)}
`;
