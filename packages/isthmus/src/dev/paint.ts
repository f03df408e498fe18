import { styleText } from 'node:util'

export type Colour = 'dim' | 'cyan' | 'red' | 'yellow' | 'green'
/** Colours a text where the terminal shows colours: not in a file or pipe, nor where NO_COLOR is set. */
export type Paint = (colour: Colour, text: string) => string

export const paintFor =
  (stream: NodeJS.WriteStream): Paint =>
  (colour, text) =>
    styleText(colour, text, { stream, validateStream: true })
