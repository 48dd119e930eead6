import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { type Mail, type Mailer, openMail } from '../../src/manage/mail.ts'
import type { Db } from '../../src/store/db.ts'
import { eachDatabase } from '../support/databases.ts'
import { startSmtpServer, type TestSmtpServer } from '../support/smtp.ts'

const SECRET_KEY = 'a secret key of the test, long enough'
const LINK = 'https://gate.example/reset#s3cret'
const mail: Mail = { to: 'Ann@example.com', subject: 'Réset', text: `Open ${LINK}` }

eachDatabase('mail', (open) => {
  let db: Db
  let smtp: TestSmtpServer
  let dataDir: string
  let logged: unknown[]
  const opened: Mailer[] = []
  beforeAll(async () => {
    db = await open()
    smtp = await startSmtpServer()
  })
  afterAll(() => smtp.close())
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-mail-'))
    logged = []
    smtp.failing = false
    await db.query.deleteFrom('mails').execute()
  })
  afterEach(async () => {
    for (const mailer of opened.splice(0)) await mailer.close()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const openOne = (
    smtpUrl: string | undefined,
    secretKeys: [string, ...string[]] = [SECRET_KEY],
  ) => {
    const note = (...what: unknown[]) => void logged.push(what)
    const log = { info: note, warn: note, error: note }
    const from = { smtpUrl, mailFrom: 'gate@example.com' }
    const mailer = openMail({ db, log, secretKeys, dataDir, ...from })
    opened.push(mailer)
    return mailer
  }
  const queue = (mailer: Mailer, over: Partial<Mail> = {}) =>
    db.query.transaction().execute((trx) => mailer.queue(trx, { ...mail, ...over }))
  const waiting = () => db.query.selectFrom('mails').selectAll().execute()
  const pass = (column: 'next_at' | 'created_at', ms: number) =>
    sql`update mails set ${sql.id(column)} = ${sql.id(column)} - make_interval(secs => ${ms / 1_000}::float8)`.execute(
      db.query,
    )
  const to = (address: string) => smtp.received.filter((one) => one.to.includes(address))

  describe('by SMTP', () => {
    test('goes to its address, with its subject and text, and leaves the outbox', async () => {
      const mailer = openOne(smtp.url)
      await queue(mailer, { to: 'one@example.com' })
      await mailer.deliver()
      const [one, ...more] = to('one@example.com')
      expect(more).toEqual([])
      expect(one?.source).toMatch(/^From: gate@example\.com\r$/m)
      expect(one?.source).toMatch(/^To: one@example\.com\r$/m)
      expect(one?.source).toMatch(/^Subject: =\?UTF-8\?.*\?=\r$/m)
      expect(one?.source.replaceAll('=\r\n', '')).toContain(LINK)
      expect(await waiting()).toEqual([])
    })

    test('to nobody leaves the outbox, and goes nowhere', async () => {
      const mailer = openOne(smtp.url)
      const before = smtp.received.length
      const { subject, text } = mail
      await db.query.transaction().execute((trx) => mailer.queue(trx, { subject, text }))
      expect(await waiting()).toHaveLength(1)
      await mailer.deliver()
      expect([await waiting(), smtp.received.length]).toEqual([[], before])
    })

    test('goes once, however many replicas deliver at the same time', async () => {
      const replicas = [openOne(smtp.url), openOne(smtp.url), openOne(smtp.url)] as const
      const addresses = Array.from({ length: 25 }, (_, at) => `many${at}.${db.kind}@example.com`)
      for (const address of addresses) await queue(replicas[0], { to: address })
      await Promise.all(replicas.map((replica) => replica.deliver()))
      expect(addresses.map((address) => to(address).length)).toEqual(addresses.map(() => 1))
    })

    test('that fails is kept and tried again after a pause that grows', async () => {
      const mailer = openOne(smtp.url)
      smtp.failing = true
      await queue(mailer, { to: `later.${db.kind}@example.com` })
      let before = 0
      for (let time = 1; time <= 3; time += 1) {
        await mailer.deliver()
        await mailer.deliver()
        const [row] = await waiting()
        expect(row?.attempts).toBe(time)
        const pause = Number(row?.next_at) - Date.now()
        expect(pause).toBeGreaterThan(before)
        before = pause
        await pass('next_at', limits.mailRetryMostMs)
      }
      smtp.failing = false
      await mailer.deliver()
      expect(to(`later.${db.kind}@example.com`)).toHaveLength(1)
      expect(await waiting()).toEqual([])
    })

    test('that nobody can deliver for a day is given up, and the log says so', async () => {
      const mailer = openOne('smtp://127.0.0.1:1')
      await queue(mailer)
      await mailer.deliver()
      expect(await waiting()).toHaveLength(1)
      await pass('created_at', limits.mailLifetimeMs)
      await mailer.deliver()
      expect(await waiting()).toEqual([])
      expect(JSON.stringify(logged)).toContain('given up')
    })

    test('never shows what it says, in the database or in the log', async () => {
      const mailer = openOne('smtp://127.0.0.1:1')
      await queue(mailer)
      await mailer.deliver()
      const seen = JSON.stringify([await waiting(), logged])
      for (const secret of [LINK, 's3cret', mail.to, mail.subject])
        expect(seen).not.toContain(secret)
      expect(logged).not.toEqual([])
    })
  })

  test('a mail is queued with what causes it, or not at all', async () => {
    const mailer = openOne(smtp.url)
    const failing = db.query.transaction().execute(async (trx) => {
      await mailer.queue(trx, { ...mail, to: 'undone@example.com' })
      throw new Error('the rest failed')
    })
    await expect(failing).rejects.toThrow('the rest failed')
    await mailer.deliver()
    expect(to('undone@example.com')).toEqual([])
  })

  test.each([
    ['to', 'ann@example.com\r\nBcc: eve@example.com'],
    ['subject', 'Hello\nBcc: eve@example.com'],
    ['subject', 'Hello\u2028there'],
    ['subject', ''],
    ['to', `${'a'.repeat(400)}@example.com`],
  ])('a line end or none in %s, %j, is refused before it is queued', async (field, value) => {
    await expect(queue(openOne(smtp.url), { [field]: value })).rejects.toThrow('no single line')
    expect(await waiting()).toEqual([])
  })

  test('an address is one address, whatever signs are in it', async () => {
    const mailer = openOne(smtp.url)
    const odd = `o'neil+{x}.${db.kind}@example.com`
    await queue(mailer, { to: odd })
    await mailer.deliver()
    expect(to(odd).map((one) => one.to)).toEqual([[odd]])
  })

  test('a mail that was sealed with the previous key still goes', async () => {
    await queue(openOne(undefined))
    const rotated = openOne(smtp.url, ['another key of the test, long enough', SECRET_KEY])
    const before = to(mail.to).length
    await rotated.deliver()
    expect(to(mail.to)).toHaveLength(before + 1)
  })

  test('without SMTP each is one file that its owner alone may read', async () => {
    const mailer = openOne(undefined)
    await queue(mailer)
    await queue(mailer, { to: 'ben@example.com' })
    await mailer.deliver()
    const folder = join(dataDir, 'mail')
    const files = readdirSync(folder)
    expect(files).toHaveLength(2)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'))
    const [ann] = texts.filter((text) => text.includes('To: Ann@example.com\n'))
    expect(ann).toBe(`From: gate@example.com\nTo: ${mail.to}\nSubject: Réset\n\nOpen ${LINK}\n`)
    expect(await waiting()).toEqual([])
  })
})
