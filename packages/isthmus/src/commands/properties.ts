export { type Properties, parseProperties } from '@isthmus/sdk'
