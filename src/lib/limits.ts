/** Every bound of the product in one place; the unit is the last word of the name. */
export const limits = {
  // Reading a request. Longer targets are 414, larger heads 431 (A2 50, A3 69).
  targetBytes: 8_192,
  pathSegments: 256,
  hostBytes: 255,
  requestHeadBytes: 32_768,
  requestHeaderCount: 200,
  /** A client that dribbles its head or its body holds a socket for nothing (A3 68). */
  requestHeadTimeoutMs: 10_000,
  requestIdleTimeoutMs: 60_000,
  keepAliveTimeoutMs: 65_000,
  /** More ranges than this in one request are a bomb; the header is dropped (A3 72). */
  rangeCount: 16,

  // Upstreams, each overridable by the application.
  upstreamConnectTimeoutMs: 2_000,
  upstreamFirstByteTimeoutMs: 30_000,
  upstreamIdleTimeoutMs: 60_000,
  upstreamConnections: 256,
  /** After so many failures in a row an upstream rests, and is probed once an interval. */
  upstreamFailuresBeforeRest: 5,
  upstreamProbeIntervalMs: 5_000,
  upstreamProbeTimeoutMs: 2_000,
  /** Requests in line for one of the connections; more are refused at once, not kept. */
  upstreamWaiting: 1_024,
  /** Below the 5 s after which common servers close an idle connection without a word. */
  upstreamKeepAliveMs: 4_000,
  upstreamHeadBytes: 65_536,
  /** A client that takes nothing of its answer for so long loses it, and frees the upstream. */
  answerIdleTimeoutMs: 60_000,
  /** How long, and how much of, a refused body is thrown away so that its answer gets through. */
  lingerMs: 1_000,
  lingerBytes: 1_048_576,
  retryAfterSeconds: 1,

  // WebSocket tunnels.
  tunnels: 20_000,
  /** One side has said it is done; the other may finish its last words. */
  tunnelHalfOpenMs: 10_000,
  tunnelKeepAliveMs: 60_000,

  // Policy.
  policyFileBytes: 4 * 1024 * 1024,
  policyPollMs: 250,
  /** How often organisations that change meanwhile are rebuilt before new files are in force. */
  filesRounds: 3,
  rulesPerOrganisation: 100_000,
  patternBytes: 512,
  patternStars: 4,
  /** So many segments of a pattern are branches of a tree, some 200 bytes each; more are tested. */
  treeSegments: 16,
  /** Expressions, from the files alone: how long, and how large the machine that reads a value. */
  expressionBytes: 512,
  expressionStates: 256,
  expressionsCached: 1_000,
  /** casbin's role manager stops, silently, at this depth (hazard 2.6). */
  roleDepth: 10,
  /** It walks every way upwards for each rule; ways that multiply would stop the process. */
  rolePaths: 1_000,
  /** Steps in which patterns are compared; ordinary ones take a handful, hostile ones multiply. */
  patternStates: 5_000,
  /** Patterns that are walked at once to find a path outside of all: some ten milliseconds. */
  patternsTogether: 2_000,
  /** Ways in which two patterns are laid on each other. */
  patternWays: 200,
  /** An explanation names so many rules that nearly allowed. */
  explainedCandidates: 10,
  organisationsCached: 1_000,
  /** Long work lets others have the event loop after so long; none may hold it for 20 ms. */
  turnMs: 6,
  /** So many rules are looked at between two questions whether the turn is over. */
  turnRules: 256,
  /** A table of more rules than this is made with the snapshot, a smaller one at its first decision. */
  lateTableRules: 64,
  /** Edits that are laid over an index before it is built anew. */
  rulesOverlaid: 1_000,
  /** What a snapshot keeps for each principal, domain and method that asked of late. */
  tablesCached: 4_096,
  /** Answers that a snapshot remembers over all its tables, and how long their paths may be. */
  answersCached: 50_000,
  answerKeyChars: 256,
  /** Roles that a snapshot remembers, over all members: one member may hold a thousand. */
  rolesRemembered: 100_000,
  /** Loaded whole with the organisation: together some 20 MB at the most. */
  attributesPerOrganisation: 10_000,
  /** The attributes of one subject or resource, as JSON. */
  attributesBytes: 2_048,
  /** Entities that one request describes, and the bytes in which it does. */
  attributesWritten: 1_000,
  attributesBodyBytes: 262_144,
  revisionPollMs: 1_000,
  /** How deep the page about the API tells of fields in fields. */
  shapeDepth: 6,
  /** Rows that are read in one query when an organisation is loaded: a few milliseconds of work. */
  loadPageRows: 1_000,
  /** Rules in one query: casbin takes some 20 microseconds for each. */
  rulesRead: 250,
  /** Ids of rules in one query: a millisecond or two. */
  ruleIdsRead: 10_000,
  /** A reload looks at so many new or removed rules by themselves; at more it reads all. */
  changeRows: 250,
  /** An organisation that nobody asked about for so long is dropped, and loaded when asked again. */
  organisationIdleMs: 900_000,
  /** Decisions that the tests of one file make: some seconds of work. */
  testDecisions: 1_000_000,
  /** Of the failed decisions of one file so many are shown, and so many of them explained. */
  testFailuresShown: 1_000,
  testFailuresExplained: 50,
  /** Of many names these, the most alike, are compared with a misspelt one and proposed. */
  namesProposed: 20,
  /** Patterns laid on each other in one comparison of policies; seconds, a turn at a time. */
  comparisonSteps: 2_000_000,

  /** Prices and counts in plans: exact in a double, and in a column of eight bytes. */
  planNumber: 1_000_000_000_000,
  /** Advice about patterns: so many steps for one rule, then nothing is said of it. */
  adviceSteps: 20_000,
  /** Roles that a name inherits, of which advice looks at so many. */
  adviceHeld: 256,
  /** Denies that are laid on one allow together. */
  adviceDenies: 32,
  /** Names among which misspelt ones are looked for. */
  adviceNames: 20_000,

  // Credentials.
  tokenBytes: 8_192,
  credentialsCached: 20_000,
  /** A cached outcome is looked at again at least this often. */
  credentialCacheMs: 60_000,
  /** Refusals are kept apart and briefly, so that a flood of them drops no good credential. */
  refusalsCached: 10_000,
  refusalCacheMs: 1_000,
  /** The last use of a key is written no more often than this, and so often whatever is noted. */
  keyUseMs: 60_000,
  keyUseFlushMs: 15_000,
  /** Keys whose use waits to be written, and how many in one statement. */
  keyUsesNoted: 20_000,
  keyUseBatchRows: 1_000,
  keysPerSubject: 100,
  networksPerKey: 50,
  /** A key that was replaced goes on for a week at the most. */
  keyOverlapSeconds: 604_800,
  clockSkewSeconds: 30,
  jwksBytes: 262_144,
  jwksKeys: 64,
  jwksTimeoutMs: 5_000,
  jwksCooldownMs: 30_000,
  jwksMaxAgeMs: 600_000,
  /** Keys go on for so long after their age when the issuer is away. */
  jwksGraceMs: 600_000,

  // People and how they sign in.
  emailChars: 254,
  emailLocalChars: 64,
  /** Code points after normalisation: long enough for a sentence, short enough for a hash. */
  passwordLeastChars: 12,
  passwordMostChars: 200,
  passwordInputChars: 1_000,
  /** As OWASP recommends; each hash under way holds this much memory. */
  passwordMemoryKib: 19_456,
  passwordPasses: 2,
  passwordLanes: 1,
  /** What a stored hash may demand of us at most, so that a row cannot exhaust the process. */
  passwordMemoryMostKib: 65_536,
  passwordPassesMost: 10,
  passwordLanesMost: 4,
  /** Hashes at the same time, in a pool of four threads, and in line for one; more are refused. */
  passwordHashes: 2,
  passwordHashesWaiting: 64,
  /** A session ends after so long without a request, and after so long in any case. */
  sessionIdleMs: 12 * 3_600_000,
  sessionLifetimeMs: 7 * 86_400_000,
  sessionTouchMs: 60_000,
  agentChars: 500,
  /** So many attempts are free; then each is preceded by a pause, doubled up to the largest. */
  attemptsFree: 5,
  /** Many people share an address, so it has more. */
  attemptsFreeOfAddress: 50,
  attemptPauseMs: 1_000,
  /** Short enough that a stranger who guesses locks nobody out for long. */
  attemptPauseMostMs: 60_000,
  attemptsForgottenMs: 3_600_000,
  passwordResetMs: 3_600_000,
  spentTokensKeptMs: 86_400_000,
  /** How often sessions, tokens, attempts and answers that are over are removed. */
  upkeepMs: 300_000,

  // Mail.
  mailRetryMs: 30_000,
  mailRetryMostMs: 3_600_000,
  mailLifetimeMs: 86_400_000,
  mailPollMs: 5_000,
  mailBatchRows: 10,
  /** A replica that took a mail and died leaves it to another after so long. */
  mailClaimMs: 60_000,
  mailTimeoutMs: 10_000,
  mailBodyChars: 65_536,

  // The assertion that upstreams receive.
  assertionLifetimeSeconds: 120,
  assertionReuseMs: 60_000,
  assertionsCached: 10_000,
  /** A signing key is published before it signs and stays published after it has stopped. */
  signingKeyPublishAheadMs: 600_000,
  signingKeySignsForMs: 30 * 86_400_000,
  signingKeyOverlapMs: 600_000,
  /** Well within the time that a key is published ahead, so that every replica has it by then. */
  signingKeyPollMs: 60_000,

  // Decision records, off the request's path.
  decisionQueueLength: 50_000,
  decisionBatchRows: 1_000,
  decisionFlushMs: 500,
  /** One allow in so many is printed; every deny is. */
  allowSample: 100,

  // AuthZEN.
  /** Read in one go, in some 10 ms. */
  authzenBodyBytes: 262_144,
  authzenEvaluations: 1_000,
  /** Deeper JSON is no request but an attempt to exhaust a stack. */
  jsonDepth: 32,
  authzenPageResults: 100,
  authzenPageResultsMost: 1_000,
  /** A page of a search decides no more than this and goes on with the next one. */
  authzenPageDecisions: 2_000,
  /** How long the id of a request may be that is sent to be repeated. */
  requestIdChars: 128,
  metadataAgeSeconds: 300,

  // Management API.
  pageRows: 200,
  /** Of an export so much is read and held at a time; bytes as the database packs them. */
  exportPageRows: 200,
  exportPageBytes: 1_048_576,
  /** It is sent in pieces of about this. */
  exportPieceChars: 65_536,
  /** A body of an operation that says nothing else. */
  operationBodyBytes: 65_536,
  /** Teams or roles that somebody is given when they come. */
  groupsGiven: 50,
  /** An invitation, and an offer to hand over an organisation. */
  invitationMs: 7 * 86_400_000,
  /** Members that one request puts into a team or takes out of it. */
  membersChanged: 100,
  /** A change that is not done by then is taken back. */
  changeTimeoutMs: 5_000,
  /** The same for a publish: twenty-five thousand rules take some six seconds. */
  publishTimeoutMs: 30_000,
  /** Changes under way in one process: half of the connections are left to read what they need. */
  changesAtOnce: 5,
  /** Changes that wait, of one organisation and of all. */
  changesWaiting: 200,
  /** How often a change begins again because another one came first. */
  changeRounds: 5,
  /** Rules that one request publishes, added and removed together; some three seconds of work. */
  publishedRules: 25_000,
  publishBodyBytes: 4 * 1024 * 1024,
  /** Rules in one statement: a few milliseconds of work. */
  rulesWritten: 500,
  /** Publishes that a rollback looks back at, one by one. */
  revisionsUndone: 1_000,
  idempotencyKeyChars: 200,
  /** A repeated request finds its first answer for so long. */
  idempotencyMs: 86_400_000,
  /** Together no more rules than an organisation may have of its own. */
  rolesPerOrganisation: 500,
  permissionsPerRole: 100,
  /** Of the rules that go with a role or an account so many are written out in the audit. */
  rulesAudited: 1_000,
  nameChars: 100,
  descriptionChars: 1_000,
  /** What a search for words may hold. */
  searchChars: 100,
  cursorChars: 600,
  /** Who asks for a revision waits so long for it, and so many do. */
  revisionWaitMs: 500,
  revisionWaitStepMs: 25,
  revisionWaiters: 1_000,
  /** Of rules with many mistakes so many are named. */
  problemsShown: 50,
  /** A path that somebody made up fills no log. */
  pathShownChars: 200,

  /** Longer than any change takes: a publish has thirty seconds. */
  clientTimeoutMs: 60_000,

  // Database.
  poolConnections: 10,
  poolWaitMs: 1_000,
  statementTimeoutMs: 2_000,
  /** For a server that does not even answer that a statement timed out. */
  queryTimeoutMs: 3_000,
  /** A replica that died inside a transaction must not hold its row locks. */
  idleTransactionTimeoutMs: 10_000,
  migrationWaitMs: 60_000,
  listenRetryMinMs: 250,
  listenRetryMaxMs: 5_000,
  /** A predecessor that is just leaving may still hold DATA_DIR. */
  directoryLockWaitMs: 1_000,

  /** A tunnel outlives its credential by no more than this (A3 66). */
  tunnelRecheckMs: 10_000,

  // Stopping. The load balancer needs a moment to see readiness fail.
  drainGraceMs: 1_000,
  drainTimeoutMs: 30_000,
  /** Then what is queued is written; a database that is away takes its time-outs to say so. */
  drainFlushMs: 10_000,
  workerRestartMs: 1_000,
  upgradeDrainMs: 25_000,

  demoKeyLifetimeMs: 86_400_000,
} as const
