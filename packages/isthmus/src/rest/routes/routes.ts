import { openApiRoute } from '../openapi.ts'
import type { Route } from '../route.ts'
import { betweenWorkersRoutes } from './between-workers.ts'
import { connectorRoutes } from './connectors.ts'
import { lifecycleRoutes } from './lifecycle.ts'
import { loggerRoutes } from './loggers.ts'
import { offsetRoutes } from './offsets.ts'
import { pluginRoutes } from './plugins.ts'
import { taskRoutes } from './tasks.ts'
import { workerRoutes } from './worker.ts'

/** Every operation of the API. */
export const routes: readonly Route[] = [
  // `/` and `/health`
  ...workerRoutes,
  // `/connectors`, and of each its `config`, `status` and `topics`
  ...connectorRoutes,
  // `pause`, `resume`, `stop` and `restart` of a connector
  ...lifecycleRoutes,
  // `/connectors/{connector}/tasks`
  ...taskRoutes,
  // what the workers of a group ask of their leader
  ...betweenWorkersRoutes,
  // `/connectors/{connector}/offsets`
  ...offsetRoutes,
  // `/connector-plugins`
  ...pluginRoutes,
  // `/admin/loggers`
  ...loggerRoutes,
  openApiRoute(() => routes),
]
