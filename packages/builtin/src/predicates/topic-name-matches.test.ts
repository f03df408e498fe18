import { answersAsJava } from '../testing/golden-contract.ts'
import { TopicNameMatches } from './topic-name-matches.ts'

answersAsJava(new URL('./golden/topic-name-matches.json', import.meta.url), [TopicNameMatches])
