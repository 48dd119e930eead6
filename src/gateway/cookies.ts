/** Our cookies, which no upstream ever sees and none ever sets (A2 49, 51). */

/** `__Host-gatehouse-session` or `-console`, also without the prefix, as loopback has no TLS. */
const OWN = /^-*(?:(?:host|secure)-)?-*gatehouse-(?:session|console)-*$/
const NOT_ASCII = /[^ -~]/

function isOwnCookie(name: string): boolean {
  return OWN.test(name.toLowerCase().replace(/[^a-z0-9]/g, '-'))
}

/**
 * A Cookie value without our cookies, possibly empty. The others keep their bytes and their order;
 * one whose name is not ASCII goes too, since what a reader would trim of it is anybody's guess.
 */
export function withoutOwnCookies(value: string): string {
  return value
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && !isOwnPair(pair))
    .join('; ')
}

/** Whether a Set-Cookie value sets a cookie of ours. */
export function setsOwnCookie(value: string): boolean {
  return isOwnPair(value.split(';', 1)[0] ?? '')
}

/** A nameless cookie, `=name=value`, is sent back by browsers as `name=value`. */
function isOwnPair(pair: string): boolean {
  const name = pair.replace(/^[\s="]+/, '').split('=', 1)[0] ?? ''
  return NOT_ASCII.test(name) || isOwnCookie(name)
}
