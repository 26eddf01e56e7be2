export async function detect(): Promise<void> {
  console.log('not written yet');
}
