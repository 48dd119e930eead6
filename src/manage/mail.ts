/**
 * Mail. It is written into the outbox in the transaction of what causes it, so that neither goes without
 * the other, and delivered after the commit, at least once, for a day (fault "Mail down").
 */
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import { seal, unseal } from '../lib/secrets.ts'
import type { Db, Transaction } from '../store/db.ts'
import {
  claimMails,
  dropOldMails,
  postponeMail,
  putMail,
  removeMail,
  type WaitingMail,
} from '../store/mails.ts'

export interface Mail {
  /** One stored address, checked when it was stored (lib/email.ts). */
  readonly to: string
  readonly subject: string
  /** Plain text. */
  readonly text: string
}

/**
 * A mail to nobody. It is queued like any other, so that the time it takes does not tell who has an
 * account (I24), and goes nowhere.
 */
export type UnaddressedMail = Omit<Mail, 'to'>

export interface MailOptions {
  readonly db: Db
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  readonly secretKeys: readonly [string, ...string[]]
  readonly dataDir: string
  /** `smtp://…` or `smtps://…`; without one each mail becomes a file under `dataDir`. */
  readonly smtpUrl: string | undefined
  readonly mailFrom: string
}

export interface Mailer {
  /** Queues a mail; call `deliver` after the commit, or the timer will. Throws on a broken header. */
  readonly queue: (trx: Transaction, mail: Mail | UnaddressedMail) => Promise<void>
  /** Delivers what waits. Never throws. */
  readonly deliver: () => Promise<void>
  /** Ends when nothing is under way any more. */
  readonly close: () => Promise<void>
}

interface Way {
  readonly send: (mail: Mail, id: string) => Promise<unknown>
  readonly close: () => void
}

const PURPOSE = 'mail'
// A line end would begin a header of the sender's choice.
const HEADER = /^[^\p{Cc}\u2028\u2029]{1,300}$/u

/** Opens the outbox and looks into it every `mailPollMs`. */
export function openMail(options: MailOptions): Mailer {
  const { log, secretKeys } = options
  const way = options.smtpUrl === undefined ? byFile(options) : bySmtp(options, options.smtpUrl)
  let running: Promise<void> | undefined
  let again = false
  let stopped = false
  const run = async () => {
    do {
      again = false
      await deliverAll(options, way)
    } while (again && !stopped)
  }
  const deliver = () => {
    again = true
    running ??= run()
      .catch((error: unknown) => log.warn({ error: String(error) }, 'the outbox was not read'))
      .finally(() => {
        running = undefined
      })
    return running
  }
  const timer = setInterval(() => void deliver(), limits.mailPollMs).unref()
  return {
    queue: (trx, mail) => {
      checkMail(mail)
      return putMail(trx, seal(JSON.stringify(mail), secretKeys[0], PURPOSE))
    },
    deliver,
    close: async () => {
      stopped = true
      clearInterval(timer)
      await running
      way.close()
    },
  }
}

function checkMail(mail: Mail | UnaddressedMail): void {
  const { subject, text } = mail
  if (('to' in mail && !HEADER.test(mail.to)) || !HEADER.test(subject)) {
    throw new Error('a mail has an address or a subject that is no single line of text')
  }
  if (text.length > limits.mailBodyChars) throw new Error('a mail is too long')
}

async function deliverAll(options: MailOptions, way: Way): Promise<void> {
  const { db, log } = options
  const dropped = await dropOldMails(db)
  if (dropped > 0) log.error({ mails: dropped }, 'mails were given up after a day without delivery')
  for (;;) {
    const mails = await claimMails(db)
    if (mails.length === 0) return
    await Promise.all(mails.map((mail) => deliverOne(options, way, mail)))
  }
}

async function deliverOne(
  { db, log, secretKeys }: MailOptions,
  way: Way,
  { id, sealed, attempts }: WaitingMail,
): Promise<void> {
  try {
    const mail = JSON.parse(unseal(sealed, secretKeys, PURPOSE)) as Mail | UnaddressedMail
    if ('to' in mail) await way.send(mail, id)
  } catch (error) {
    // What the server says may quote the mail, so only the kind of failure is told.
    const cause = error instanceof Error && 'code' in error ? error.code : 'unknown'
    log.warn({ mail: id, attempts, cause }, 'a mail was not delivered, it is tried again')
    return postponeMail(db, id, pauseAfter(attempts))
  }
  await removeMail(db, id)
}

/** Milliseconds, doubled with each failure up to an hour. */
function pauseAfter(attempts: number): number {
  return Math.min(limits.mailRetryMostMs, limits.mailRetryMs * 2 ** Math.min(attempts, 16))
}

function bySmtp({ mailFrom }: MailOptions, smtpUrl: string): Way {
  const timeouts = {
    connectionTimeout: limits.mailTimeoutMs,
    greetingTimeout: limits.mailTimeoutMs,
    socketTimeout: limits.mailTimeoutMs,
  }
  // Nothing of a mail is ever fetched or read from disk on its behalf.
  const closed = { disableFileAccess: true, disableUrlAccess: true }
  const transport = createTransport({ url: smtpUrl, ...timeouts, ...closed })
  return {
    // The id makes a mail that is sent twice, after a crash, recognisable as one.
    send: ({ to, subject, text }, id) => {
      const messageId = `<${id}@gatehouse>`
      const address = { name: '', address: to }
      return transport.sendMail({ from: mailFrom, to: address, subject, text, messageId })
    },
    close: () => transport.close(),
  }
}

/** One file a mail, readable by us alone; whole or not there. */
function byFile({ dataDir, mailFrom }: MailOptions): Way {
  const folder = join(dataDir, 'mail')
  return {
    send: async ({ to, subject, text }, id) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await chmod(folder, 0o700)
      const file = join(folder, `${id}.txt`)
      const head = `From: ${mailFrom}\nTo: ${to}\nSubject: ${subject}\n\n`
      await writeFile(`${file}.new`, `${head}${text}\n`, { mode: 0o600 })
      await rename(`${file}.new`, file)
    },
    close: () => undefined,
  }
}
