/** People that the tests of what rests on them begin with. */
import { createAccount, type NewAccount } from '../../src/store/accounts.ts'
import type { Db } from '../../src/store/db.ts'

function account(name: string, over: Partial<NewAccount> = {}): NewAccount {
  return {
    subject: `user:${name}`,
    email: { email: `${name}@Example.com`, key: `${name}@example.com` },
    firstName: name,
    lastName: null,
    password: null,
    mustChangePassword: false,
    createdBy: null,
    ...over,
  }
}

/** Adds an account `user:<name>` with the address `<name>@Example.com`; `false` when it is taken. */
export function addAccount(db: Db, name: string, over: Partial<NewAccount> = {}): Promise<boolean> {
  return db.query.transaction().execute((trx) => createAccount(trx, account(name, over)))
}
