import type { Admin, NewTopic } from '@isthmus/kafka'

/** Makes topics that a test needs; one that cannot be made ends the test. */
export async function makeTopics(admin: Admin, topics: readonly NewTopic[]): Promise<void> {
  for (const error of (await admin.createTopics(topics)).values()) if (error !== null) throw error
}
