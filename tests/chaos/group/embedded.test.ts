import { test } from 'node:test'
import { openBrokerProcess } from '../../process/isthmus.ts'
import { shortChaos } from './short.ts'

test('a group of workers that is broken again and again loses nothing on the embedded broker', (t) =>
  shortChaos(t, openBrokerProcess))
