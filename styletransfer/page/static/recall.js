// The ids of the job that this tab shows and of the newest job, which all tabs of the browser share.
() => ({ own: window.remembered.own, newest: window.remembered.pictures[0] });
