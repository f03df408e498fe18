import forge from 'node-forge'
import { toPem } from './pem.ts'
import { type Contents, StoreProblem } from './store.ts'

type Bag = forge.pkcs12.Bag & { asn1: forge.asn1.Asn1 | null }

/**
 * PKCS#12 stores as Java writes them. OpenSSL, and so `node:tls`, reads neither stores without a key nor those of older Javas
 * (RC2), and would trust every certificate in a key store.
 */
export function readPkcs12(store: Buffer, password: string | null): Contents {
  const parsed = open(store, password ?? '')
  const { certBag, keyBag, pkcs8ShroudedKeyBag } = forge.pki.oids as {
    certBag: string
    keyBag: string
    pkcs8ShroudedKeyBag: string
  }
  const bags = (type: string) => (parsed.getBags({ bagType: type })[type] ?? []) as Bag[]
  const keyOf = [...bags(pkcs8ShroudedKeyBag), ...bags(keyBag)][0]
  const certificates = bags(certBag).map((bag) => ({ id: localKeyId(bag), pem: certificatePem(bag) }))
  if (!keyOf) return { key: null, chain: [], trusted: certificates.map((c) => c.pem) }
  const own = localKeyId(keyOf)
  // the key's own certificate first; node:tls orders the others by itself
  const first = certificates.filter((c) => own !== null && c.id === own)
  const others = certificates.filter((c) => !first.includes(c))
  return {
    key: keyPem(keyOf),
    chain: [...first, ...others].map((c) => c.pem),
    trusted: others.map((c) => c.pem),
  }
}

function open(store: Buffer, password: string): forge.pkcs12.Pkcs12Pfx {
  try {
    return forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(store.toString('latin1')), false, password)
  } catch (error) {
    const { message } = error as Error
    if (/MAC could not be verified|Invalid password/i.test(message))
      throw new StoreProblem('the password is wrong, or the store was tampered with')
    throw new StoreProblem(`it cannot be read as PKCS#12: ${message}`)
  }
}
function localKeyId(bag: Bag): string | null {
  const attributes = bag.attributes as { localKeyId?: readonly string[] } | undefined
  return attributes?.localKeyId?.[0] ?? null
}
const derBase64 = (asn1: forge.asn1.Asn1) =>
  Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1').toString('base64')
// what forge does not understand (elliptic curves) it leaves as it is
function certificatePem(bag: Bag): string {
  const asn1 = bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1
  if (!asn1) throw new StoreProblem('a certificate in it cannot be read')
  return toPem('CERTIFICATE', derBase64(asn1))
}
function keyPem(bag: Bag): string {
  const asn1 = bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag.asn1
  if (!asn1) throw new StoreProblem('the private key in it cannot be read')
  return toPem('PRIVATE KEY', derBase64(asn1))
}
