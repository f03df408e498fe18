export const REGION = 'us-east-1'
