/** The programs that decide, in the order of the report. */
import { openCasl } from './casl.ts'
import { openCedar } from './cedar.ts'
import type { Open } from './engine.ts'
import { openGatehouse } from './gatehouse.ts'
import { openMap } from './map.ts'
import { openEnforcers, openOneEnforcer } from './node-casbin.ts'

export const ours = 'Gatehouse'
export const floor = 'a `Map` look-up of the same key'

export const engines: Readonly<Record<string, Open>> = {
  [ours]: openGatehouse,
  'node-casbin, all in one enforcer': openOneEnforcer,
  'node-casbin, an enforcer an organisation': openEnforcers,
  'Cedar (WASM), a policy set an organisation': openCedar,
  'CASL, abilities built once a user': openCasl,
  [floor]: openMap,
}
