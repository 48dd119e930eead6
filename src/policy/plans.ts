/** Plans as declared in `policies/plans.yaml`: what an organisation may use, and at what price. */

/** `soft` warns and goes on counting; `hard` refuses what is beyond it. */
export type QuotaKind = 'soft' | 'hard'

export interface Quota {
  readonly kind: QuotaKind
  /** Operations a billing cycle, those that are included among them. */
  readonly limit: number
}

/** What a plan says of one operation, or of all of an application that no other line names. */
export interface PlanUsage {
  readonly application: string
  /** Id of a declared operation; `undefined` for every operation of the application. */
  readonly operation: string | undefined
  /** Operations a billing cycle that the price of the plan pays for. */
  readonly included: number
  /** Price of each further one in minor units, as an exact decimal such as `0.25`. */
  readonly priceEach: string
  readonly quota: Quota | undefined
}

/** A bucket of `burst` requests that fills by `requests` in `periodMs`. */
export interface RateLimit {
  readonly requests: number
  readonly periodMs: number
  readonly burst: number
}

export interface Plan {
  readonly id: string
  /** What people read, such as `Team`. */
  readonly name: string
  /** Of a month, in minor units: 4900 is 49.00 EUR. */
  readonly price: number
  /** ISO 4217, such as `EUR`. */
  readonly currency: string
  /** Each operation at most once. What is not named is included without end. */
  readonly usage: readonly PlanUsage[]
  readonly rate: RateLimit | undefined
}
