/** The end of a list that comes in pages: that it is being looked at, or the way on. */
export function Older({ isLooking, more }: { isLooking: boolean; more: (() => void) | undefined }) {
  return (
    <>
      <p role="status">{isLooking && 'Looking …'}</p>
      {more && (
        <button type="button" onClick={more}>
          Older
        </button>
      )}
    </>
  );
}
