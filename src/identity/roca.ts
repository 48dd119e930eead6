/**
 * The fingerprint of RSA keys made by the flawed library of CVE-2017-15361 (Nemec et al., "The
 * Return of Coppersmith's Attack", CCS 2017). Its primes are powers of 65537 modulo the product of
 * small primes, so the modulus is one too: modulo each small prime it lies in the subgroup that
 * 65537 generates. A sound modulus does so by chance about once in 2^27.
 */

const GENERATOR = 65_537
/** The primes of the smallest such product, used for keys of 512 bits and a factor of all others. */
const SMALL_PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
  103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
]

const subgroups = SMALL_PRIMES.map((prime) => {
  const members = new Set<number>()
  for (let power = 1; !members.has(power); power = (power * GENERATOR) % prime) members.add(power)
  return { prime: BigInt(prime), members }
})

/** Whether `modulus` has the fingerprint; such a key can be factored and must not be trusted. */
export function hasRocaFingerprint(modulus: bigint): boolean {
  return subgroups.every(({ prime, members }) => members.has(Number(modulus % prime)))
}
