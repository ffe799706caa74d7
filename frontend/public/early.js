// Asks for a session's trace while the rest of the page is still on its way.
(function () {
  var found = /^\/s\/([^/]+)\/?$/.exec(location.pathname);
  if (!found) return;
  try {
    var url = "/api/sessions/" + encodeURIComponent(decodeURIComponent(found[1])) + "/trace";
    var response = fetch(url);
    // Whoever wants it hears of the failure; without anyone it is none.
    response.catch(function () {});
    window.earlyTrace = { url: url, response: response };
  } catch (error) {
    console.warn("The address is not understood.", error);
  }
})();
