/** The transaction that wrote a row last, for who keeps such rows in memory. */

const noted = ['members', 'attributes'].flatMap((table) => [
  `alter table ${table} add changed xid8 not null default pg_current_xact_id()`,
  `create index ${table}_by_change on ${table} (organisation, changed)`,
  `create trigger ${table}_changed before update on ${table}
    for each row execute function note_change()`,
])

export const changes = [
  `create function note_change() returns trigger language plpgsql as $$
    begin
      new.changed := pg_current_xact_id();
      return new;
    end $$`,
  ...noted,
  // A member's name and address are those of the account.
  `create function note_profile() returns trigger language plpgsql as $$
    begin
      update members set changed = pg_current_xact_id() where subject = new.subject;
      return new;
    end $$`,
  `create trigger accounts_changed after insert or update of email, first_name, last_name on accounts
    for each row execute function note_profile()`,
]
