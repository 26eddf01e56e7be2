/** A URL for people: without what may be secret in it, the login and the query. */
export function urlHealth(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1').replace(/[?#].*$/, '');
}
