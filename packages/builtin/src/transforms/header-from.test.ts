import { answersAsJava } from '../testing/golden-contract.ts'
import { HeaderFromKey, HeaderFromValue } from './header-from.ts'

answersAsJava(new URL('./golden/header-from.json', import.meta.url), [HeaderFromKey, HeaderFromValue])
