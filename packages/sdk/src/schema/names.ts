/** Names of the logical types of Kafka Connect: a schema of that name holds the richer value. */
export const DECIMAL = 'org.apache.kafka.connect.data.Decimal'
/** The schema name of dates without a time: an int32 of days. */
export const DATE = 'org.apache.kafka.connect.data.Date'
/** The schema name of times of a day: an int32 of milliseconds. */
export const TIME = 'org.apache.kafka.connect.data.Time'
/** The schema name of instants: an int64 of milliseconds. */
export const TIMESTAMP = 'org.apache.kafka.connect.data.Timestamp'
