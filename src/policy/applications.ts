/** Applications as declared in `policies/apps.yaml`. */

/** How the organisation of a request is found; never from a bare client header. */
export type OrganisationSource =
  | { readonly from: 'credential' }
  /** A pattern with one `:org` segment, matched against the path that is forwarded. */
  | { readonly from: 'path'; readonly pattern: string }
  /** The first label of the host: `acme` in `acme.docs.example.com` for `docs.example.com`. */
  | { readonly from: 'subdomain'; readonly parent: string }

export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
}

/** A kind of thing that rules and AuthZEN name by type and id, with actions of its own. */
export interface ResourceType {
  readonly type: string
  /** Never an HTTP method. */
  readonly actions: readonly string[]
}

export interface Application {
  readonly id: string
  /** Exact lower-case host without port, or `undefined` for every host. */
  readonly host: string | undefined
  /** Canonical, with a segment boundary at its end: `/` or `/docs`. */
  readonly prefix: string
  /** Whether `prefix` is taken off before the decision and the forwarding. */
  readonly strip: boolean
  /** Origins such as `http://127.0.0.1:8090`, at least one. */
  readonly upstreams: readonly string[]
  /** A path that is asked every few seconds; only an upstream that answers 2xx is used. */
  readonly healthPath: string | undefined
  readonly timeouts: {
    readonly connectMs: number
    readonly firstByteMs: number
    readonly idleMs: number
  }
  readonly organisation: OrganisationSource
  /** Path patterns that a request without a credential may reach, if a rule allows `anonymous`. */
  readonly publicPaths: readonly string[]
  readonly operations: readonly Operation[]
  /** No two applications declare the same type. */
  readonly resources: readonly ResourceType[]
}
