import { clientProperties, saslProperties } from './client.ts'
import { consumerProperties } from './consumer.ts'
import { producerProperties } from './producer.ts'
import type { ClientProps } from './types.ts'

const tables = [clientProperties, saslProperties, producerProperties, consumerProperties]
/** What Java's clients read and this one has no use for: classes, metrics, sizes of socket buffers, Kerberos, share groups. */
const OF_JAVA =
  /^(key|value)\.(de)?serializer$|^(metric|metrics|interceptor|partitioner|config\.providers|sasl\.(kerberos|login|client|oauthbearer)|ssl|security\.providers|share|internal)(\.|$)|^(send|receive)\.buffer\.bytes$|^enable\.(auto\.commit|metrics\.push)$|^auto\.commit\.interval\.ms$|^group\.(protocol|remote\.assignor)$|^metadata\.max\.idle\.ms$|^transaction\.two\.phase\.commit\.enable$|^bootstrap\.controllers$/

/** Names that neither this client nor Java's knows: misspelt, as likely as not. */
export function unknownProperties(props: ClientProps): readonly string[] {
  return Object.keys(props).filter((name) => !OF_JAVA.test(name) && !tables.some((table) => name in table))
}
