/** The release of Apache Kafka whose plugins these stand for; tools compare it. */
export const VERSION = '4.3.1'
