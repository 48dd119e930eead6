/**
 * Loaded into the product by `--import` before its entry: bounds whose real values would make a test
 * last half a minute. The product itself has no switch for them.
 */
import { limits } from '../../src/lib/limits.ts'

Object.assign(limits, JSON.parse(process.env['TEST_LIMITS'] ?? '{}'))
