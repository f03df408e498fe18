import { openApi } from './openapi.ts'
import { routes } from './routes/routes.ts'

/** The OpenAPI document that every worker serves at `/openapi.json`, for generators of clients. */
export const openApiDocument: object = openApi(routes)
