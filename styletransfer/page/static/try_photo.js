// Shows the photo that the visitor has just put into its box on the stage.
() => {
  window.tryPhoto?.();
};
