import { answersAsJava } from '../testing/golden-contract.ts'
import { CastKey, CastValue } from './cast.ts'

answersAsJava(new URL('./golden/cast.json', import.meta.url), [CastKey, CastValue])
