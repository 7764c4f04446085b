// The ids of the job that this tab shows and of the newest job, which all tabs of the browser share; or only the one
// that a link has asked for.
() => {
  const { asked, own, pictures } = window.remembered;
  return asked ? { own: asked, asked } : { own, newest: pictures[0] };
};
